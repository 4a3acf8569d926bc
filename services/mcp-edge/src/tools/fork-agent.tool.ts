import { agentIdOf, forkAgentTool, rejection } from '@skynet/contracts';
import { derivedId, hashOf, newAgentId, type Clock } from '@skynet/platform';
import type { CommandSender } from '../commands/command-sender.js';
import type { ViewQueries } from '../views/view-queries.js';
import { changedAgent } from './changed-agent.js';
import { agentNotFound, edgeTool, no, yes, type EdgeTool } from './edge-tool.js';

const modelOf = (id: string | undefined) => (id === undefined ? {} : { model: { id } });

export function forkAgent(sender: CommandSender, queries: ViewQueries, clock: Clock): EdgeTool {
  return edgeTool(forkAgentTool, async (input, { principal, traceparent, record }) => {
    const { agentId: source, at, idempotencyKey, model, ...wishes } = input;
    const { tenant } = principal;
    const sourceId = agentIdOf(source);
    const asked = await queries.ask('forkPlan', { tenant, agentId: sourceId, at });
    if (asked.refused !== undefined) {
      return no(rejection('INVALID_ARGUMENTS', `at: ${asked.refused}`));
    }
    const { plan } = asked;
    if (plan === undefined) return agentNotFound(source);
    const agentId = agentIdOf(
      idempotencyKey === undefined
        ? newAgentId(clock)
        : derivedId('fork', tenant, principal.principal, idempotencyKey),
    );
    const data = {
      agentId,
      from: { agentId: sourceId, revision: plan.at },
      ...wishes,
      ...modelOf(model),
    };
    const reply = await sender.send({
      id: derivedId('ForkAgent', agentId, hashOf(data)),
      type: 'ForkAgent',
      data,
      principal,
      traceparent,
      record,
    });
    const changed = changedAgent(reply);
    return changed.ok ? yes({ ...changed.output, ...plan }) : changed;
  });
}
