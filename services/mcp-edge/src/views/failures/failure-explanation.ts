import {
  isEnd,
  type AgentId,
  type AgentRow,
  type FailureExplanation,
  type Usage,
} from '@skynet/contracts';
import { dateOf, usageOf } from '../agent-shapes.js';
import { adviceOn } from './failure-advice.js';

/** Explains from the rows of a tree alone why an agent of it, or some below it, did not complete. */
export function explainFailure(row: AgentRow, tree: readonly AgentRow[]): FailureExplanation {
  const rows = new Map(tree.map((each) => [each.agentId, each]));
  rows.set(row.agentId, row);
  const below = agentsBelow(row, tree);
  const failed = below.filter(isFailed);
  const path = pathToCause(row, failed, rows);
  const cause = path.at(-1);
  const { agentId, status } = row;
  return {
    agentId,
    status,
    summary: summaryOf(row, cause, failed.length),
    ...(cause !== undefined && { cause: ended(cause) }),
    path: path.map((each) => each.agentId),
    failedBelow: countedByReason(failed),
    spent: usageOf(row),
    spentInVain: [row, ...below]
      .filter(isFailed)
      .reduce((sum, each) => plus(sum, ownUsage(each, rows)), {
        inputTokens: 0,
        outputTokens: 0,
        costMicroUsd: 0,
      }),
    next: cause === undefined ? [] : adviceOn(cause, rows),
  };
}

function agentsBelow({ agentId }: AgentRow, tree: readonly AgentRow[]): AgentRow[] {
  const children = Map.groupBy(tree, ({ parentId }) => parentId);
  const found: AgentRow[] = [];
  let level = children.get(agentId) ?? [];
  while (level.length > 0) {
    found.push(...level);
    level = level.flatMap((each) => children.get(each.agentId) ?? []);
  }
  return found;
}

function isFailed({ status }: AgentRow): boolean {
  return isEnd(status) && status !== 'completed';
}

/**
 * An agent that was ended with the one above it leads up to that; one that ran out of time while it waited leads down to whom it
 * waited for; any other is its own cause. Of one that completed, or lives, the agent below it that failed first.
 */
function pathToCause(
  row: AgentRow,
  failedBelow: readonly AgentRow[],
  rows: ReadonlyMap<AgentId, AgentRow>,
): AgentRow[] {
  if (!isFailed(row)) {
    const first = failedBelow.toSorted((one, other) => endOf(one) - endOf(other))[0];
    return first === undefined ? [] : [row, ...pathToCause(first, [], rows)];
  }
  const next = endedWith(row, rows) ?? waitedFor(row, rows);
  return next === undefined ? [row] : [row, ...pathToCause(next, [], rows)];
}

/** The agent above, where its end was this one's. */
function endedWith(
  { failure, parentId, endedAtMs = 0 }: AgentRow,
  rows: ReadonlyMap<AgentId, AgentRow>,
): AgentRow | undefined {
  const parent = parentId === undefined ? undefined : rows.get(parentId);
  if (failure?.reason !== 'TERMINATED' || parent === undefined || !isFailed(parent))
    return undefined;
  return endOf(parent) <= endedAtMs ? parent : undefined;
}

/** The agent below that it waited for when its time was over, unless that was ended by it; then it is the slow one itself. */
function waitedFor(
  { failure, childIds, limits }: AgentRow,
  rows: ReadonlyMap<AgentId, AgentRow>,
): AgentRow | undefined {
  if (failure?.reason !== 'DEADLINE_PASSED') return undefined;
  return childIds
    .map((id) => rows.get(id))
    .find((child) => child?.status === 'expired' && child.limits.deadlineMs <= limits.deadlineMs);
}

function endOf({ endedAtMs, updatedAtMs }: AgentRow): number {
  return endedAtMs ?? updatedAtMs;
}

function summaryOf(row: AgentRow, cause: AgentRow | undefined, failedBelow: number): string {
  const state = isEnd(row.status) ? `has ${verb(row)}` : `is ${row.status}`;
  if (cause === undefined) return `The agent ${state}; nothing below it has failed.`;
  const why = `${cause.failure?.reason ?? cause.status}: ${cause.failure?.message ?? 'no message'}`;
  if (cause.agentId === row.agentId) return `The agent ${state}: ${why}`;
  const number = failedBelow === 1 ? '1 agent' : `${failedBelow} agents`;
  const below = failedBelow === 0 ? '' : `, ${number} below it did not complete`;
  return `The agent ${state}${below}. It began with ${cause.agentId} at depth ${cause.depth}: ${why}`;
}

function verb({ status }: AgentRow): string {
  return status === 'terminated' || status === 'exhausted' ? `been ${status}` : status;
}

function ended(row: AgentRow): NonNullable<FailureExplanation['cause']> {
  const { agentId, depth, task, model, status, failure, endedAtMs } = row;
  const { reason, message } = failure ?? {};
  return {
    ...{ agentId, depth, task, model, status },
    ...(reason !== undefined && { reason, message }),
    ...(endedAtMs !== undefined && { endedAt: dateOf(endedAtMs) }),
  };
}

function countedByReason(failed: readonly AgentRow[]): FailureExplanation['failedBelow'] {
  const counts = new Map<string, number>();
  for (const { failure, status } of failed) {
    const reason = failure?.reason ?? status;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts]
    .map(([reason, agents]) => ({ reason, agents }))
    .toSorted((one, other) => other.agents - one.agents);
}

/** A row counts what those below it have spent, too. */
function ownUsage(row: AgentRow, rows: ReadonlyMap<AgentId, AgentRow>): Usage {
  let own = usageOf(row);
  for (const id of row.childIds) {
    const child = rows.get(id);
    if (child !== undefined && isEnd(child.status)) own = plus(own, usageOf(child), -1);
  }
  return {
    inputTokens: Math.max(0, own.inputTokens),
    outputTokens: Math.max(0, own.outputTokens),
    costMicroUsd: Math.max(0, own.costMicroUsd),
  };
}

function plus(one: Usage, other: Usage, sign: 1 | -1 = 1): Usage {
  return {
    inputTokens: one.inputTokens + sign * other.inputTokens,
    outputTokens: one.outputTokens + sign * other.outputTokens,
    costMicroUsd: one.costMicroUsd + sign * other.costMicroUsd,
  };
}
