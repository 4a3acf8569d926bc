import { beforeEach, describe, expect, it } from '@jest/globals';
import { buckets } from '@skynet/contracts';
import { MemoryStateStores } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { Attempts, type AttemptRow } from './attempts.js';

const LIMIT = { free: 2, longestWaitMs: 5_000 };

let clock: ManualClock;
let attempts: Attempts;

beforeEach(async () => {
  clock = new ManualClock();
  const states = new MemoryStateStores(clock);
  const rows = await states.open<AttemptRow>(buckets.attempts.bucket, buckets.attempts);
  attempts = new Attempts(rows, clock);
});

const begin = () => attempts.begin(['login', 'alice'], LIMIT);

describe('tries', () => {
  it('are free at first, then cost a wait that doubles up to the longest', async () => {
    expect([await begin(), await begin()]).toEqual([0, 0]);
    for (const waitMs of [1_000, 2_000, 4_000, 5_000, 5_000]) {
      expect(await begin()).toBe(waitMs);
      await clock.advance(waitMs);
      expect(await begin()).toBe(0);
    }
  });

  it('during a wait do not make it longer', async () => {
    await begin();
    await begin();
    await clock.advance(400);
    expect([await begin(), await begin()]).toEqual([600, 600]);
  });

  it('all count when many are made at once', async () => {
    const waits = await Promise.all(Array.from({ length: 6 }, begin));
    expect(waits.filter((waitMs) => waitMs === 0)).toHaveLength(2);
  });

  it('of one do not count for another', async () => {
    await begin();
    await begin();
    expect(await attempts.begin(['login', 'bob'], LIMIT)).toBe(0);
  });

  it('are forgotten after an hour, or when they have come to a good end', async () => {
    await begin();
    await begin();
    await attempts.forget(['login', 'alice']);
    expect([await begin(), await begin()]).toEqual([0, 0]);
    await clock.advance(buckets.attempts.ttlMs);
    expect(await begin()).toBe(0);
  });
});
