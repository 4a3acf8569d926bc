import { waitAgentTool, type AgentRow } from '@skynet/contracts';
import type { Clock, Logger } from '@skynet/platform';
import type { AgentReader } from '../views/agent-reader.js';
import { statusOf } from '../views/agent-shapes.js';
import type { AgentWait } from '../views/agent-wait.js';
import { agentNotFound, edgeTool, yes, type EdgeTool } from './edge-tool.js';

const LOOK_EVERY_MS = 5_000;
/** Clients that give up after 5 s of silence are common. */
const REPORT_EVERY_MS = 2_000;

export function waitAgent(
  wait: AgentWait,
  reader: AgentReader,
  clock: Clock,
  log: Logger,
): EdgeTool {
  return edgeTool(waitAgentTool, async ({ agentId, timeoutSeconds }, call) => {
    const { principal, report, signal } = call;
    const found = await wait.untilEnd({
      tenant: principal.tenant,
      agentId,
      timeoutMs: timeoutSeconds * 1_000,
      lookEveryMs: report === undefined ? LOOK_EVERY_MS : REPORT_EVERY_MS,
      signal,
      onLook: (seen, elapsedMs) => {
        report?.({
          elapsedSeconds: elapsedMs / 1_000,
          totalSeconds: timeoutSeconds,
          message: progressOf(seen),
        }).catch((error: unknown) => log.debug('nobody hears of progress', { agentId, error }));
      },
    });
    if (found === undefined) return agentNotFound(agentId);
    return yes(statusOf(found, await reader.childrenOf(found), clock.nowMs()));
  });
}

function progressOf({ status, progress, step }: AgentRow): string {
  const detail = progress?.message ?? step;
  return detail === undefined ? status : `${status}: ${detail}`;
}
