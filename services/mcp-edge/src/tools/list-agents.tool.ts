import { agentIdOf, listAgentsTool, rejection, type AgentRow } from '@skynet/contracts';
import { dateOf } from '../views/agent-shapes.js';
import type { ViewQueries } from '../views/view-queries.js';
import { edgeTool, no, yes, type EdgeTool } from './edge-tool.js';

/** A time and an agent: any other text would begin anew without a word. */
const CURSOR = /^\d{1,16}\.[0-9a-f-]{36}$/;

export function listAgents(queries: ViewQueries): EdgeTool {
  return edgeTool(listAgentsTool, async (input, { principal }) => {
    const { parentId, rootId, status, cursor, limit } = input;
    if (cursor !== undefined && !CURSOR.test(cursor)) {
      return no(rejection('INVALID_ARGUMENTS', 'cursor: not one of list_agents'));
    }
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
