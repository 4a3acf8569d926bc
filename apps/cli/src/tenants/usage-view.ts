import type { UsageShape } from '@skynet/contracts';
import { renderTable } from '../screen/table.js';

const COLUMNS = ['', 'NOW', 'LIMIT'].map((title) => ({ title }));

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
