import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import type { Position } from '../event-store.port.js';
import { commitOf } from '@skynet/testing';
import type { StoredStretch } from './kurrent-event.js';
import { middleOf, narrowed, rangeOf } from './number-range.js';

const stream = 'agent-x';

/** A stream whose stored events hold so many events each. */
function streamOf(sizes: readonly number[]): StoredStretch[] {
  let revision = 0;
  return sizes.map((size, number) => {
    const position = `${number}/${number}` as Position;
    const [first, ...rest] = commitOf(Array.from({ length: size }, () => '')).map((event) => ({
      ...event,
      stream,
      position,
      revision: revision++,
    }));
    if (first === undefined) throw new Error('a stored event holds an event');
    return { number, events: [first, ...rest] };
  });
}

const someStream = fc
  .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 40 })
  .map(streamOf);

const isIn = (number: number, { low, high }: { low: number; high: number }) =>
  low <= number && number <= high;

describe('the range in which an event stands', () => {
  it('has it, whatever other event is known, until it is found', () => {
    fc.assert(
      fc.property(someStream, fc.nat(), fc.nat(), (stretches, one, other) => {
        const known = stretches[one % stretches.length];
        const wanted = stretches[other % stretches.length];
        if (!known || !wanted) return;
        for (const { revision } of wanted.events) {
          const place = { number: known.number, revision: known.events.at(-1)?.revision ?? 0 };
          let range = rangeOf(revision, place);
          for (;;) {
            if (!isIn(wanted.number, range)) throw new Error(`${wanted.number} is not in it`);
            if (range.low === range.high) return;
            const next = narrowed(range, revision, stretches[middleOf(range)]);
            if (next.high - next.low >= range.high - range.low)
              throw new Error('as wide as before');
            range = next;
          }
        }
      }),
    );
  });
});
