import { isEnd, type AgentRow, type StatusShape } from '@skynet/contracts';
import { WorldError } from '@skynet/platform';
import type { FoundAgent } from '../agent-reader.js';
import type { ViewQueries } from '../view-queries.js';

const WITHIN_MS = 1_500;
/** Later than every day on which an agent can have done something. */
const NO_END_MS = Number.MAX_SAFE_INTEGER;

/** Tells what trees have used so far: an agent knows that of its children only once they have ended. */
export class TreeSpending {
  constructor(private readonly queries: Pick<ViewQueries, 'askOnce'>) {}

  /** Of a root with live children; nothing while nobody answers. */
  async of(
    { row, asOfMs }: FoundAgent,
    children: readonly AgentRow[],
  ): Promise<StatusShape['treeSpent']> {
    const { agentId, rootId, tenant } = row;
    const isLive = children.some(({ status }) => !isEnd(status));
    if (agentId !== rootId || !isLive || asOfMs !== undefined) return undefined;
    const span = { sinceMs: 0, untilMs: NO_END_MS };
    const asked = { tenant, allTenants: false, by: 'tree', ...span, rootId, limit: 1 } as const;
    try {
      const { total } = await this.queries.askOnce('usageReport', asked, WITHIN_MS);
      const { inputTokens, outputTokens, costMicroUsd } = total;
      return { inputTokens, outputTokens, costMicroUsd };
    } catch (error) {
      if (error instanceof WorldError) return undefined;
      throw error;
    }
  }
}
