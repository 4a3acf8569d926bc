import { agentIdOf, exportAgentTool, rejection } from '@skynet/contracts';
import { cursorAt, positionOf } from '../views/page-cursor.js';
import type { ViewQueries } from '../views/view-queries.js';
import { agentNotFound, edgeTool, no, yes, type EdgeTool } from './edge-tool.js';

export function exportAgent(queries: ViewQueries): EdgeTool {
  return edgeTool(exportAgentTool, async (input, { principal: { tenant } }) => {
    const { agentId, payload: sha256, cursor = cursorAt(0) } = input;
    const from = positionOf(cursor);
    if (from === undefined) {
      return no(rejection('INVALID_ARGUMENTS', 'cursor: not one of export_agent'));
    }
    if (sha256 !== undefined) {
      const { text, isBase64, next } = await queries.ask('payload', { tenant, sha256, from });
      if (text === undefined) {
        return no(rejection('INVALID_ARGUMENTS', `payload: there is none with hash ${sha256}`));
      }
      return yes({
        commits: [],
        text,
        ...(isBase64 === true && { base64: true }),
        ...nextOf(next),
      });
    }
    const request = { tenant, agentId: agentIdOf(agentId), from };
    const { found, commits, next } = await queries.ask('commits', request);
    return found ? yes({ commits, ...nextOf(next) }) : agentNotFound(agentId);
  });
}

function nextOf(next: number | undefined): { nextCursor?: string } {
  return next === undefined ? {} : { nextCursor: cursorAt(next) };
}
