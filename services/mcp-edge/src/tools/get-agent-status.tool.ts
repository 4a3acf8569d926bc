import { getAgentStatusTool } from '@skynet/contracts';
import type { Clock } from '@skynet/platform';
import type { AgentReader } from '../views/agent-reader.js';
import { statusOf } from '../views/agent-shapes.js';
import { agentNotFound, edgeTool, yes, type EdgeTool } from './edge-tool.js';

export function getAgentStatus(reader: AgentReader, clock: Clock): EdgeTool {
  return edgeTool(getAgentStatusTool, async ({ agentId }, { principal }) => {
    const found = await reader.find(principal.tenant, agentId);
    if (found === undefined) return agentNotFound(agentId);
    return yes(statusOf(found, await reader.childrenOf(found), clock.nowMs()));
  });
}
