import { explainFailureTool, type AgentRow } from '@skynet/contracts';
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
    const { rows, isWhole } = await treeOf(found.row, queries);
    const explained = explainFailure(found.row, rows);
    return yes({ ...explained, ...(!isWhole && { lookedAt: rows.length }) });
  });
}

async function treeOf({ tenant, rootId }: AgentRow, queries: ViewQueries) {
  const rows: AgentRow[] = [];
  let cursor: string | undefined;
  do {
    const request = { tenant, rootId, limit: PAGE, ...(cursor !== undefined && { cursor }) };
    const page = await queries.ask('list', request);
    rows.push(...page.rows);
    cursor = page.cursor;
  } while (cursor !== undefined && rows.length < MOST_AGENTS);
  return { rows, isWhole: cursor === undefined };
}
