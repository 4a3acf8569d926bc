import type { StoredStretch, StreamPlace } from './kurrent-event.js';

/** Numbers of EventStoreDB between which one event of ours stands, both included. */
export interface NumberRange {
  readonly low: number;
  readonly high: number;
}

/*
 * Each stored event holds one or more of ours: between two of them lie at most so many stored ones as events.
 */

/** Where the event of this revision stands, if it does, going by a stored event and the revision of its last event. */
export function rangeOf(revision: number, known: StreamPlace): NumberRange {
  const behind = revision - known.revision;
  return behind > 0
    ? { low: known.number + 1, high: known.number + behind }
    : { low: Math.max(0, known.number + behind), high: Math.min(revision, known.number) };
}

/** What is left of the range when this was found at its middle; nothing was, when the stream does not reach so far. */
export function narrowed(
  range: NumberRange,
  revision: number,
  found: StoredStretch | undefined,
): NumberRange {
  const middle = middleOf(range);
  if (found === undefined) return { low: range.low, high: middle - 1 };
  const { number, events } = found;
  const [first] = events;
  if (revision < first.revision) {
    const low = number - (first.revision - revision);
    return { low: Math.max(range.low, low), high: middle - 1 };
  }
  const behind = revision - (first.revision + events.length - 1);
  if (behind <= 0) return { low: number, high: number };
  return { low: number + 1, high: Math.min(range.high, number + behind) };
}

export function middleOf({ low, high }: NumberRange): number {
  return low + Math.floor((high - low) / 2);
}
