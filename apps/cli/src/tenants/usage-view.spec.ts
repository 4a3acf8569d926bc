import { expect, it } from '@jest/globals';
import { renderUsage } from './usage-view.js';

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
