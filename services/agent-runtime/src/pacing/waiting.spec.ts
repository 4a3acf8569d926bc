import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { retryDelayMs } from './retry-policy.js';
import { TimeLimit } from './time-limit.js';

describe('the wait before the next try', () => {
  it('doubles, up to half a minute', () => {
    const delays = [0, 1, 2, 20].map((tries) => retryDelayMs(tries, () => 1));
    expect(delays).toEqual([250, 500, 1_000, 30_000]);
  });

  it('differs by chance, but is never less than half', () => {
    expect(retryDelayMs(1, () => 0)).toBe(250);
  });
});

describe('a time limit', () => {
  it('is over after its time', async () => {
    const clock = new ManualClock();
    const limit = new TimeLimit(clock, 1_000, new AbortController().signal);
    await clock.advance(1_000);
    expect([limit.signal.aborted, limit.isOver]).toEqual([true, true]);
  });

  it('is not over when somebody else gave up', () => {
    const abort = new AbortController();
    const limit = new TimeLimit(new ManualClock(), 1_000, abort.signal);
    abort.abort();
    expect([limit.signal.aborted, limit.isOver]).toEqual([true, false]);
    expect(new TimeLimit(new ManualClock(), 1_000, abort.signal).signal.aborted).toBe(true);
  });

  it('leaves neither timer nor listener behind', async () => {
    const clock = new ManualClock();
    const { signal } = new AbortController();
    const limit = new TimeLimit(clock, 1_000, signal);
    limit.end();
    await clock.advance(1_000);
    expect(limit.signal.aborted).toBe(false);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
