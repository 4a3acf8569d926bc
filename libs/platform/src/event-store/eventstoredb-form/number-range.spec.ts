import { describe, expect, it } from '@jest/globals';
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

/** How wide the range is after each look into its middle, until one number is left. */
function widths(stretches: readonly StoredStretch[], known: StoredStretch, revision: number) {
  const wanted = stretches.findIndex(({ events }) =>
    events.some((event) => event.revision === revision),
  );
  const last = known.events.at(-1)?.revision ?? 0;
  let range = rangeOf(revision, { number: known.number, revision: last });
  const found: number[] = [];
  do {
    if (wanted < range.low || wanted > range.high) throw new Error(`${wanted} is not in it`);
    found.push(range.high - range.low);
    range = narrowed(range, revision, stretches[middleOf(range)]);
  } while (found.at(-1) !== 0);
  return found;
}

describe('the range in which an event stands', () => {
  it('has it, whatever other event is known, and is half as wide after each look', () => {
    fc.assert(
      fc.property(someStream, fc.nat(), fc.nat(), (stretches, one, other) => {
        const known = stretches[one % stretches.length];
        const all = stretches.flatMap(({ events }) => events);
        const { revision } = all[other % all.length] ?? {};
        if (known === undefined || revision === undefined) throw new Error('a stream has events');
        const found = widths(stretches, known, revision);
        for (const [index, width] of found.entries()) {
          if (index > 0) expect(width).toBeLessThanOrEqual((found[index - 1] ?? 0) / 2);
        }
      }),
    );
  });
});
