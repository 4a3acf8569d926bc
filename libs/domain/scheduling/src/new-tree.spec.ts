import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { defaultsBelow, refusalOfLimits, refusalOfMeans, refusalOfTree } from './new-tree.js';
import { TenantUse } from './tenant-use.js';

const NOW_MS = Date.UTC(2026, 0, 1, 18);
const HOUR_MS = 3_600_000;
const DEFAULTS = {
  tokens: 100,
  costMicroUsd: 100,
  seconds: 100,
  depth: 5,
  children: 10,
  descendants: 99,
};

function useOf({ spawnedMs = [] as number[], tokens = 0, costMicroUsd = 0, atMs = NOW_MS } = {}) {
  const use = new TenantUse();
  for (const timeMs of spawnedMs) use.spawned(timeMs);
  use.spent(atMs, { tokens, costMicroUsd });
  return use;
}

const times = (underWay = 0, nowMs = NOW_MS) => ({ nowMs, underWay });

describe('a tenant with so many spawns a minute', () => {
  const quotas = { spawnsPerMinute: 2 };

  it('gets no more within it, and is told when the oldest counts no more', () => {
    const use = useOf({ spawnedMs: [NOW_MS - 50_000, NOW_MS - 1_000] });
    expect(refusalOfTree(quotas, use, times())).toMatchObject({
      code: 'TENANT_LIMIT',
      limit: 'spawnsPerMinute',
      retryAfterMs: 10_000,
    });
    expect(refusalOfTree(quotas, use, times(0, NOW_MS + 10_000))).toBeUndefined();
  });

  it('has those counted, too, that are under way', () => {
    const use = useOf({ spawnedMs: [NOW_MS] });
    expect(refusalOfTree(quotas, use, times())).toBeUndefined();
    expect(refusalOfTree(quotas, use, times(1))).toMatchObject({ limit: 'spawnsPerMinute' });
  });

  it('may begin that many again after the time it is told, whatever it did before', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(180_000), { maxLength: 200 }), fc.nat(5), (agesMs, most) => {
        const use = useOf({ spawnedMs: agesMs.map((ms) => NOW_MS - ms).sort((a, b) => a - b) });
        const before = use.spawnsInMinuteBefore(NOW_MS);
        const refused = refusalOfTree({ spawnsPerMinute: most }, use, times());
        expect(refused !== undefined).toBe(before >= most);
        const later = NOW_MS + (refused?.retryAfterMs ?? 0);
        if (before > 0 && refused) expect(use.spawnsInMinuteBefore(later)).toBeLessThan(before);
      }),
    );
  });
});

describe('a tenant with sums of a day', () => {
  it.each([
    ['tokensPerDay', { tokens: 10 }],
    ['costMicroUsdPerDay', { costMicroUsd: 10 }],
  ])('gets no tree once %s are used up, until the next day in UTC', (limit, spent) => {
    const quotas = { [limit]: 10 };
    const refused = refusalOfTree(quotas, useOf(spent), times());
    expect(refused).toMatchObject({ limit, retryAfterMs: 6 * HOUR_MS });
    expect(refusalOfTree(quotas, useOf(spent), times(0, NOW_MS + 6 * HOUR_MS))).toBeUndefined();
    expect(refusalOfTree({ [limit]: 11 }, useOf(spent), times())).toBeUndefined();
  });

  it('has what it spent yesterday left out, though it is told late', () => {
    const use = useOf({ tokens: 5 });
    use.spent(NOW_MS - 20 * HOUR_MS, { tokens: 90, costMicroUsd: 0 });
    expect(use.usedOnDayOf(NOW_MS)).toEqual({ tokens: 5, costMicroUsd: 0 });
  });
});

describe('ceilings of a tenant', () => {
  it('lower what a root has that names no limit, and raise nothing', () => {
    expect(defaultsBelow(DEFAULTS, { tokens: 7, depth: 50, children: 0 })).toEqual({
      ...DEFAULTS,
      tokens: 7,
      children: 0,
    });
  });

  it('are not to be passed by what is asked for', () => {
    expect(refusalOfLimits({ tokens: 8 }, { tokens: 7 })).toMatchObject({
      code: 'LIMIT_CEILING',
      limit: 'tokens',
      message: expect.stringContaining('7'),
    });
    expect(refusalOfLimits({ tokens: 7, seconds: 9 }, { tokens: 7 })).toBeUndefined();
  });
});

describe('models and tool servers of a tenant', () => {
  const means = { model: 'scripted:echo', servers: ['files'] };

  it('are all, unless some are named', () => {
    expect(refusalOfMeans({}, means)).toBeUndefined();
    const quotas = { models: ['scripted:echo'], toolServers: ['files', 'web'] };
    expect(refusalOfMeans(quotas, means)).toBeUndefined();
  });

  it.each([
    [{ models: ['scripted:tree'] }, 'scripted:tree'],
    [{ toolServers: [] }, 'none'],
  ])('others may not be used, and those are named that may: %j', (quotas, named) => {
    const refused = refusalOfMeans(quotas, means);
    expect(refused).toMatchObject({ code: 'NOT_FOR_TENANT' });
    expect(refused?.message).toContain(named);
  });
});
