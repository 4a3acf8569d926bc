import { describe, expect, it } from '@jest/globals';
import type { UsageReportShape, UsageSums } from '@skynet/contracts';
import { renderUsage, renderUsageReport } from './usage-view.js';

it('usage is shown beside its limits', () => {
  const none = { now: 0 };
  const lines = renderUsage({
    ...{ tenant: 'acme', weight: 3, dayResetsAt: '2026-01-02T00:00:00.000Z', asOf: '' },
    ...{ liveAgents: { now: 7, limit: 10 }, runningTrees: none, waitingTrees: none },
    ...{ spawnsLastMinute: none, tokensToday: { now: 12, limit: 0 }, costMicroUsdToday: none },
  });
  expect(lines[0]).toBe('acme, weight 3; the day ends at 2026-01-02T00:00:00.000Z');
  expect(lines[2]).toMatch(/^live agents +7 +10$/);
  expect(lines[3]).toMatch(/^running trees +0 +-$/);
  expect(lines[6]).toMatch(/^tokens today +12 +0$/);
});

describe('a report of usage', () => {
  const sums: UsageSums = {
    ...{ agents: 4, failedAgents: 1, modelCalls: 4, failedModelCalls: 0 },
    ...{ inputTokens: 20, outputTokens: 2, costMicroUsd: 10_000, modelMs: 6_000 },
    ...{ cachedTokens: 15, savedMicroUsd: 3_000 },
    ...{
      slowestModelMs: 3_100,
      toolCalls: 0,
      failedToolCalls: 0,
      toolCallsFromCache: 0,
      modelCallsFromCache: 1,
      toolMs: 0,
      slowestToolMs: 0,
    },
  };
  const report: UsageReportShape = {
    ...{ by: 'model', since: '2026-01-01', until: '2026-01-31' },
    ...{
      groups: [{ key: 'a:b', ...sums }],
      more: 2,
      total: { ...sums, agents: 9 },
      notes: ['cut'],
    },
  };

  it('is a line a group, and the sum', () => {
    const lines = renderUsageReport(report);
    expect(lines[0]).toBe('2026-01-01 to 2026-01-31, in UTC');
    expect(lines[2]).toMatch(/^a:b +4, 1 failed +4 +25 % +20 +75 % +2 +\$0.01 +1.5 s +3.1 s$/);
    expect(lines[3]).toMatch(/^total +9, 1 failed/);
    expect(lines[4]).toBe('$0.003000 saved by caches');
    expect(lines.slice(5)).toEqual(['2 more, see --limit; the total has them', 'cut']);
  });

  it('by tool has no tokens, and no mean of nothing', () => {
    const [, titles, line] = renderUsageReport({ ...report, by: 'tool' });
    expect(titles).toMatch(/^TOOL +AGENTS +TOOL CALLS +KEPT +MEAN +SLOWEST$/);
    expect(line).toMatch(/ 0 +- +- +0.0 s$/);
  });
});
