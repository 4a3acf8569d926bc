import { setImmediate as otherWork } from 'node:timers/promises';
import {
  dayStartMs,
  type AgentRow,
  type QueryAnswer,
  type QueryRequest,
  type UsageSums,
} from '@skynet/contracts';
import type { AgentIndex } from '../agent-index/agent-index.js';
import { modelUseOf } from '../agent-index/own-use.js';
import { UsageGroups } from './usage-groups.js';

type Asked = QueryRequest<'usageReport'>;
type RowsOfReport = Pick<AgentIndex, 'get' | 'tree' | 'changedSince'>;

const AT_ONCE = 500;
const MOST_AGENTS = 200_000;

/** Sums up what calls of agents used, anew from their rows at each question: there is no counter that could be wrong. */
export async function usageReport(
  index: RowsOfReport,
  asked: Asked,
  mostAgents = MOST_AGENTS,
): Promise<QueryAnswer<'usageReport'>> {
  const fromMs = dayStartMs(asked.sinceMs);
  const groups = new UsageGroups(asked.by, { fromMs, untilMs: asked.untilMs });
  let read = 0;
  let undetailed = 0;
  for (const row of rowsFor(index, asked.rootId, fromMs)) {
    if (read === mostAgents) return { ...answerOf(groups, asked), undetailed, isCut: true };
    read += 1;
    if (read % AT_ONCE === 0) await otherWork();
    if (!asked.allTenants && row.tenant !== asked.tenant) continue;
    const models = modelUseOf(row, (agentId) => index.get(agentId));
    const isCounted = groups.add(row, { models, tools: row.toolUse ?? [] });
    if (isCounted && row.modelUse === undefined) undetailed += 1;
  }
  return { ...answerOf(groups, asked), undetailed, isCut: false };
}

function rowsFor(index: RowsOfReport, rootId: Asked['rootId'], fromMs: number): Iterable<AgentRow> {
  return rootId === undefined ? index.changedSince(fromMs) : index.tree(rootId);
}

function answerOf({ groups, total }: UsageGroups, { by, limit }: Asked) {
  const order = by === 'day' ? newestFirst : dearestFirst;
  const sorted = [...groups].map(([key, sums]) => ({ key, ...sums })).sort(order);
  return { groups: sorted.slice(0, limit), more: Math.max(0, sorted.length - limit), total };
}

type Group = UsageSums & { readonly key: string };

function newestFirst(a: Group, b: Group): number {
  return a.key < b.key ? 1 : -1;
}

function dearestFirst(a: Group, b: Group): number {
  const calls = (group: Group) => group.modelCalls + group.toolCalls;
  return b.costMicroUsd - a.costMicroUsd || calls(b) - calls(a) || (a.key < b.key ? -1 : 1);
}
