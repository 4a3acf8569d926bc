import { getAgentStatusTool } from '@skynet/contracts';
import type { Clock } from '@skynet/platform';
import type { TreeSpending } from '../views/usage/tree-spending.js';
import type { AgentReader } from '../views/agent-reader.js';
import { statusOf } from '../views/agent-shapes.js';
import type { TreeWaits } from '../views/tree-waits.js';
import type { ViewQueries } from '../views/view-queries.js';
import { agentNotFound, edgeTool, yes, type EdgeTool } from './edge-tool.js';

export function getAgentStatus(
  reader: AgentReader,
  {
    waits,
    spending,
    queries,
  }: {
    readonly waits: TreeWaits;
    readonly spending: TreeSpending;
    readonly queries: ViewQueries;
  },
  clock: Clock,
): EdgeTool {
  return edgeTool(getAgentStatusTool, async ({ agentId, board: prefix }, { principal }) => {
    const { tenant } = principal;
    const found = await reader.find(tenant, agentId);
    if (found === undefined) return agentNotFound(agentId);
    const [children, step] = await Promise.all([reader.childrenOf(found), waits.stepOf(found.row)]);
    const asked = { tenant, agentId: found.row.agentId, prefix: prefix ?? '' };
    const { board } = prefix === undefined ? {} : await queries.ask('board', asked);
    const treeSpent = await spending.of(found, children);
    return yes({
      ...statusOf(found, children, clock.nowMs()),
      ...(step !== undefined && { step }),
      ...(treeSpent !== undefined && { treeSpent }),
      ...(board !== undefined && { board }),
    });
  });
}
