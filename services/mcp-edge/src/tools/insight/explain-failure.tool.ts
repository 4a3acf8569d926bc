import { explainFailureTool } from '@skynet/contracts';
import type { AgentReader } from '../../views/agent-reader.js';
import { explainFailure } from '../../views/failures/failure-explanation.js';
import type { ViewQueries } from '../../views/view-queries.js';
import { agentNotFound, edgeTool, yes, type EdgeTool } from '../edge-tool.js';

const PAGE = 1_000;
/** Of a tree; what is beyond is not looked at, and that is said. */
const MOST_AGENTS = 10_000;

export function explainFailureOf(reader: AgentReader, queries: ViewQueries): EdgeTool {
  return edgeTool(explainFailureTool, async ({ agentId }, { principal }) => {
    const { tenant } = principal;
    const found = await reader.find(tenant, agentId);
    if (found === undefined) return agentNotFound(agentId);
    const request = { tenant, rootId: found.row.rootId, limit: PAGE };
    const { rows, isWhole } = await queries.rowsOf(request, MOST_AGENTS);
    const explained = explainFailure(found.row, rows);
    return yes({ ...explained, ...(!isWhole && { lookedAt: rows.length }) });
  });
}
