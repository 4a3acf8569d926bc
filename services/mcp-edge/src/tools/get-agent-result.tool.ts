import { getAgentResultTool, rejection } from '@skynet/contracts';
import type { AgentReader } from '../views/agent-reader.js';
import { cursorAt, positionOf } from '../views/page-cursor.js';
import type { ResultReader } from '../views/result-reader.js';
import { agentNotFound, edgeTool, no, yes, type EdgeTool } from './edge-tool.js';

export function getAgentResult(reader: AgentReader, results: ResultReader): EdgeTool {
  return edgeTool(getAgentResultTool, async ({ agentId, cursor = cursorAt(0) }, { principal }) => {
    const from = positionOf(cursor);
    if (from === undefined) {
      return no(rejection('INVALID_ARGUMENTS', 'cursor: not one of get_agent_result'));
    }
    const found = await reader.find(principal.tenant, agentId);
    return found === undefined ? agentNotFound(agentId) : yes(await results.read(found, from));
  });
}
