import { agentIdOf, forkAgentTool, rejection, retryAgentTool } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import type { CommandSender } from '../commands/command-sender.js';
import type { AgentReader } from '../views/agent-reader.js';
import type { ViewQueries } from '../views/view-queries.js';
import { madeAgent, sendMaking } from './changed-agent.js';
import { agentNotFound, edgeTool, no, yes, type EdgeTool } from './edge-tool.js';
import type { NewAgentIds } from './new-agent-ids.js';

const modelOf = (id: string | undefined) => (id === undefined ? {} : { model: { id } });

export interface ForkSurroundings {
  readonly sender: CommandSender;
  readonly queries: ViewQueries;
  readonly reader: AgentReader;
  readonly ids: NewAgentIds;
}

export function forkAgent({ sender, queries, reader, ids }: ForkSurroundings): EdgeTool {
  return edgeTool(forkAgentTool, async (input, call) => {
    const { idempotencyKey, ...asked } = input;
    const { agentId: source, at: wished, model, ...wishes } = asked;
    const { tenant } = call.principal;
    const sourceId = agentIdOf(source);
    const agentId = await ids.idFor({ kind: 'fork', idempotencyKey, input: asked }, call);

    const forkAt = async (at: number | undefined) => {
      const planned = await queries.ask('forkPlan', { tenant, agentId: sourceId, at });
      if (planned.refused !== undefined) {
        return no(rejection('INVALID_ARGUMENTS', `at: ${planned.refused}`));
      }
      const { plan } = planned;
      if (plan === undefined) return agentNotFound(source);
      const from = { agentId: sourceId, revision: plan.at };
      const data = { agentId, from, ...wishes, ...modelOf(model) };
      // Calls for the same agent are told apart by their answers: one of them made it.
      const made = madeAgent(await sendMaking(sender, { type: 'ForkAgent', data }, call));
      return isRefused(made) ? made : yes({ ...made.output, ...plan });
    };

    const forked = await forkAt(wished);
    const isOther = isRefused(forked) && forked.refused.code === 'IDEMPOTENCY_CONFLICT';
    if (!isOther || wished !== undefined) return forked;
    // All that the source had done was less when the fork was made.
    const first = (await reader.find(tenant, agentId))?.row.forkedFrom;
    return first?.agentId === sourceId ? forkAt(first.revision) : forked;
  });
}

export function retryAgent({ sender, ids }: Pick<ForkSurroundings, 'sender' | 'ids'>): EdgeTool {
  return edgeTool(retryAgentTool, async ({ idempotencyKey, ...asked }, call) => {
    const { agentId: source, model, ...wishes } = asked;
    const agentId = await ids.idFor({ kind: 'retry', idempotencyKey, input: asked }, call);
    const data = { agentId, retryOf: agentIdOf(source), ...wishes, ...modelOf(model) };
    const made = madeAgent(await sendMaking(sender, { type: 'RetryAgent', data }, call));
    return isRefused(made) ? made : yes({ ...made.output, retryOf: source });
  });
}
