import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { AdaptiveSlots } from './adaptive-slots.js';

function beatingWith(all: number) {
  const clock = new ManualClock();
  const pace = new AdaptiveSlots(all, clock);
  pace.beat(1_000);
  const beats = async (count: number, lateMs = 0) => {
    for (let beat = 0; beat < count; beat += 1) {
      await clock.advance(1_000 + lateMs);
      pace.beat(1_000);
    }
    return pace.slots;
  };
  return { pace, beats };
}

describe('the slots that a worker announces', () => {
  it('are all of them while nothing is amiss', async () => {
    expect(await beatingWith(64).beats(100)).toBe(64);
  });

  it('are fewer after a call was refused for the number of calls, and all again in the end', async () => {
    const { pace, beats } = beatingWith(64);
    pace.rateLimited();
    pace.rateLimited();
    expect(await beats(1)).toBe(44);
    expect(await beats(5)).toBeGreaterThan(44);
    expect(await beats(60)).toBe(64);
  });

  it('are fewer while the event loop is late, but not before the last step could show its effect', async () => {
    const { beats } = beatingWith(64);
    expect(await beats(1, 300)).toBe(51);
    expect(await beats(1, 300)).toBe(51);
    expect(await beats(3, 300)).toBe(40);
  });

  it('are never less than one', async () => {
    const { beats } = beatingWith(2);
    expect(await beats(200, 2_000)).toBe(1);
  });
});
