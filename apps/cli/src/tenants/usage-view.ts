import type { UsageReportShape, UsageShape, UsageSums } from '@skynet/contracts';
import { dollars, seconds } from '../agents/status-view.js';
import { renderTable } from '../screen/table.js';

const COLUMNS = ['', 'NOW', 'LIMIT'].map((title) => ({ title }));
const KEY_WIDTH = 40;

export function renderUsage(usage: UsageShape): string[] {
  const { tenant, weight, dayResetsAt } = usage;
  const rows = [
    ['live agents', usage.liveAgents],
    ['running trees', usage.runningTrees],
    ['waiting trees', usage.waitingTrees],
    ['spawns in a minute', usage.spawnsLastMinute],
    ['tokens today', usage.tokensToday],
    ['cost today, µUSD', usage.costMicroUsdToday],
  ] as const;
  return [
    `${tenant}, weight ${weight}; the day ends at ${dayResetsAt}`,
    ...renderTable(
      COLUMNS,
      rows.map(([name, { now, limit }]) => [name, String(now), String(limit ?? '-')]),
    ),
  ];
}

/** A line a group, one for all of them, and what the sums lack. */
export function renderUsageReport(report: UsageReportShape): string[] {
  const { by, since, until, groups, more, total, notes } = report;
  const shown = columnsFor(by);
  const rows = [...groups, { key: 'total', ...total }].map((sums) => [
    sums.key,
    ...shown.map(({ cell }) => cell(sums)),
  ]);
  const columns = [{ title: by.toUpperCase(), maxWidth: KEY_WIDTH }, ...shown];
  return [
    since <= EARLIEST ? `up to ${until}, in UTC` : `${since} to ${until}, in UTC`,
    ...renderTable(columns, rows),
    ...savedText(total),
    ...(more === 0 ? [] : [`${more} more, see --limit; the total has them`]),
    ...notes,
  ];
}

function savedText({ savedMicroUsd }: UsageSums): string[] {
  return savedMicroUsd === 0 ? [] : [`${dollars(savedMicroUsd)} saved by caches`];
}

const EARLIEST = '1970-01-01';

interface UsageColumn {
  readonly title: string;
  readonly cell: (sums: UsageSums) => string;
}

const agents: UsageColumn[] = [
  { title: 'AGENTS', cell: (sums) => withFailed(sums.agents, sums.failedAgents) },
];

const models: UsageColumn[] = [
  { title: 'CALLS', cell: (sums) => withFailed(sums.modelCalls, sums.failedModelCalls) },
  { title: 'KEPT', cell: (sums) => share(sums.modelCallsFromCache, sums.modelCalls) },
  { title: 'TOKENS IN', cell: (sums) => String(sums.inputTokens) },
  { title: 'CACHED', cell: (sums) => share(sums.cachedTokens, sums.inputTokens) },
  { title: 'OUT', cell: (sums) => String(sums.outputTokens) },
  { title: 'COST', cell: (sums) => dollars(sums.costMicroUsd) },
  { title: 'MEAN', cell: (sums) => mean(sums.modelMs, sums.modelCalls) },
  { title: 'SLOWEST', cell: (sums) => seconds(sums.slowestModelMs) },
];

const tools: UsageColumn[] = [
  { title: 'TOOL CALLS', cell: (sums) => withFailed(sums.toolCalls, sums.failedToolCalls) },
  { title: 'KEPT', cell: (sums) => share(sums.toolCallsFromCache, sums.toolCalls) },
  { title: 'MEAN', cell: (sums) => mean(sums.toolMs, sums.toolCalls) },
  { title: 'SLOWEST', cell: (sums) => seconds(sums.slowestToolMs) },
];

function columnsFor(by: UsageReportShape['by']): readonly UsageColumn[] {
  if (by === 'model') return [...agents, ...models];
  return by === 'tool' ? [...agents, ...tools] : [...agents, ...models, ...tools.slice(0, 1)];
}

function withFailed(all: number, failed: number): string {
  return failed === 0 ? String(all) : `${all}, ${failed} failed`;
}

function share(part: number, all: number): string {
  return part === 0 ? '-' : `${Math.round((100 * part) / all)} %`;
}

function mean(ms: number, calls: number): string {
  return calls === 0 ? '-' : seconds(ms / calls);
}
