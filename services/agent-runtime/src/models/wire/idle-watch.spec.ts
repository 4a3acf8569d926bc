import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { IdleWatch } from './idle-watch.js';

describe('an answer that shows signs of life', () => {
  it('is waited for, however long it takes', async () => {
    const clock = new ManualClock();
    const watch = new IdleWatch(clock, 1_000);
    for (let second = 0; second < 10; second += 1) {
      await clock.advance(900);
      watch.seen();
    }
    expect(watch.signal.aborted).toBe(false);
    await clock.advance(1_000);
    expect(watch.signal.aborted).toBe(true);
  });

  it('is not given up after its end', async () => {
    const clock = new ManualClock();
    const watch = new IdleWatch(clock, 1_000);
    watch.end();
    await clock.advance(5_000);
    expect(watch.signal.aborted).toBe(false);
  });
});
