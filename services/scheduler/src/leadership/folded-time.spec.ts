import { expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import type { Position } from '@skynet/platform';
import { FoldedTime } from './folded-time.js';

const place = (number: number) => number as unknown as Position;

/** A log that ends at `end`, of which nothing is folded. */
function folding() {
  const log = { end: 1 };
  const clock = new ManualClock();
  const time = new FoldedTime({
    store: {
      head: () => Promise.resolve(place(log.end)),
      comparePositions: (a, b) => Number(a) - Number(b),
    },
    clock,
  });
  return { clock, log, time };
}

it('what was folded while the end of the log was asked for is not waited for', async () => {
  const { clock, time } = folding();
  const caughtUp = time.catchUp();
  time.noteFolded(place(1));
  await caughtUp;
  expect(time.ms).toBe(clock.monotonicMs());
});

it('what had run out before the question is folded with the answer, and no later moment', async () => {
  const { clock, log, time } = folding();
  const askedMs = clock.monotonicMs();
  const caughtUp = time.catchUp();
  await clock.advance(500);
  expect(time.ms).toBe(-Infinity);
  log.end = 2;
  time.noteFolded(place(1));
  await caughtUp;
  expect(time.ms).toBe(askedMs);
});
