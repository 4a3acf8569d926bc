import { agentIdOf, replayAgentTool, SHOWN_TEXT_CHARS, type AgentRow } from '@skynet/contracts';
import { dateOf } from '../views/agent-shapes.js';
import type { ViewQueries } from '../views/view-queries.js';
import { agentNotFound, edgeTool, yes, type EdgeTool } from './edge-tool.js';

/** Deciding a large tree again takes longer than looking at it. */
const VERIFY_WITHIN_MS = 30_000;

export function replayAgent(queries: ViewQueries): EdgeTool {
  return edgeTool(replayAgentTool, async (input, { principal: { tenant } }) => {
    const { agentId, at, show, conversationFrom } = input;
    const request = { tenant, agentId: agentIdOf(agentId), at };
    if (show === 'verify') {
      const asked = { ...request, trustRequests: false };
      const { verification } = await queries.ask('verify', asked, VERIFY_WITHIN_MS);
      return verification === undefined ? agentNotFound(agentId) : yes({ agentId, verification });
    }
    if (show === 'tree') {
      const { found, rows } = await queries.ask('treeAt', request);
      return found ? yes({ agentId, tree: rows.map(shown) }) : agentNotFound(agentId);
    }
    const asked = { ...request, conversationFrom, textChars: SHOWN_TEXT_CHARS };
    const { state } = await queries.ask('replay', asked);
    return state === undefined ? agentNotFound(agentId) : yes({ agentId, state });
  });
}

function shown(row: AgentRow) {
  const { agentId, rootId, parentId, depth, status, task, model, progress } = row;
  return {
    agentId,
    rootId,
    ...(parentId !== undefined && { parentId }),
    depth,
    status,
    task,
    model,
    ...(progress !== undefined && { progress: progress.message }),
    updatedAt: dateOf(row.updatedAtMs),
    events: row.revision + 1,
  };
}
