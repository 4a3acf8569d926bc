import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { TokenBuckets } from './token-buckets.js';

let clock: ManualClock;
let buckets: TokenBuckets;

beforeEach(() => {
  clock = new ManualClock();
  buckets = new TokenBuckets({ perSecond: 10, burst: 3 }, clock, 2);
});

const take = (key: string, times: number) =>
  Array.from({ length: times }, () => buckets.take(key)).at(-1);

describe('requests of one caller', () => {
  it('may come all at once, up to the burst', () => {
    expect(take('a', 3)).toBe(0);
    expect(take('a', 1)).toBe(100);
  });

  it('may come again as time goes by, and no sooner for having been tried', async () => {
    take('a', 3);
    await clock.advance(99);
    expect(take('a', 5)).toBe(1);
    await clock.advance(1);
    expect(take('a', 1)).toBe(0);
    expect(take('a', 1)).toBe(100);
  });

  it('are never more at once than the burst, however long nothing came', async () => {
    take('a', 3);
    await clock.advance(3_600_000);
    expect(take('a', 3)).toBe(0);
    expect(take('a', 1)).toBe(100);
  });

  it('cost nobody else anything', () => {
    take('a', 10);
    expect(take('b', 3)).toBe(0);
  });

  it('that come together are waited for afterwards', () => {
    buckets.charge('a', 13);
    expect(take('a', 1)).toBe(1_100);
  });

  it('may be given back', () => {
    take('a', 3);
    buckets.charge('a', -1);
    expect(take('a', 1)).toBe(0);
    buckets.charge('b', -100);
    expect(take('b', 4)).toBe(100);
  });
});

describe('of many callers', () => {
  it('those that were heard of last are remembered', () => {
    take('a', 3);
    take('b', 3);
    take('a', 1);
    take('c', 3);
    expect(take('a', 1)).toBe(100);
    expect(take('b', 1)).toBe(0);
  });
});

describe('a rate of 0', () => {
  it('is no limit', () => {
    buckets = new TokenBuckets({ perSecond: 0, burst: 1 }, clock);
    expect(take('a', 100)).toBe(0);
  });
});
