import { agentIdOf, listAgentsTool, type AgentRow } from '@skynet/contracts';
import { dateOf } from '../views/agent-shapes.js';
import type { ViewQueries } from '../views/view-queries.js';
import { edgeTool, yes, type EdgeTool } from './edge-tool.js';

export function listAgents(queries: ViewQueries): EdgeTool {
  return edgeTool(listAgentsTool, async (input, { principal }) => {
    const { parentId, rootId, status, cursor, limit } = input;
    const { rows, cursor: nextCursor } = await queries.ask('list', {
      tenant: principal.tenant,
      ...(parentId !== undefined && { parentId: agentIdOf(parentId) }),
      ...(rootId !== undefined && { rootId: agentIdOf(rootId) }),
      ...(status !== undefined && { status }),
      ...(cursor !== undefined && { cursor }),
      limit,
    });
    return yes({ agents: rows.map(listed), ...(nextCursor !== undefined && { nextCursor }) });
  });
}

function listed(row: AgentRow) {
  const { agentId, rootId, parentId, depth, status, task, model, progress, updatedAtMs } = row;
  return {
    agentId,
    rootId,
    ...(parentId !== undefined && { parentId }),
    depth,
    status,
    task,
    model,
    ...(progress !== undefined && { progress: progress.message }),
    updatedAt: dateOf(updatedAtMs),
  };
}
