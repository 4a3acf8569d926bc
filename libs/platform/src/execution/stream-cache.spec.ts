import { beforeEach, describe, expect, it } from '@jest/globals';
import { accept } from '@skynet/kernel';
import { commitOf } from '@skynet/testing';
import type { EventStore, ReadOptions, StoredEvent } from '../event-store/event-store.port.js';
import type { Snapshot } from './snapshots.js';
import { systemClock } from '../runtime/clock.js';
import { StreamCache } from './stream-cache.js';
import type { IdentifiedCommand, StreamModel } from './stream-model.js';

const stream = 'agent-1';
const events: readonly StoredEvent[] = Array.from({ length: 10 }, (_, revision) => {
  const [event] = commitOf([`${revision}`], `commit-${revision}`);
  if (event === undefined) throw new Error('no event');
  return { ...event, stream, revision };
});

/** A store whose next reads are given; after those it answers rightly. */
class GivenReads implements Pick<EventStore, 'read'> {
  readonly asked: number[] = [];
  constructor(private readonly given: (readonly StoredEvent[])[]) {}

  async read(_stream: string, { from = 0 }: ReadOptions = {}): Promise<readonly StoredEvent[]> {
    this.asked.push(from);
    return this.given.shift() ?? events.slice(from);
  }
}

interface Word {
  readonly text: string;
}

const words: StreamModel<IdentifiedCommand, Word, string> = {
  decider: { initialState: '', decide: () => accept(), evolve: (state, { text }) => state + text },
  begins: () => false,
  streamOf: () => stream,
  read: ({ data }) => data as Word,
  write: () => {
    throw new Error('nothing is written');
  },
  sizeOf: () => 1,
};

const whole = { state: '0123456789', revision: 9 };
const without = (revision: number, from = 0) =>
  events.slice(from).filter((event) => event.revision !== revision);
let snapshot: Snapshot<string> | undefined;

beforeEach(() => {
  snapshot = undefined;
});

function cacheOn(store: GivenReads) {
  return new StreamCache({
    store,
    model: words,
    clock: systemClock,
    snapshots: { load: async () => snapshot },
  });
}

describe('a read with a hole', () => {
  it.each([0, 1, 5, 8])('is no state, where it lacks revision %i', async (revision) => {
    const cache = cacheOn(new GivenReads([without(revision)]));
    await expect(cache.refresh(stream)).rejects.toMatchObject({ retry: 'later' });
    expect(cache.cached(stream)).toBeUndefined();
    expect(await cache.refresh(stream)).toEqual(whole);
  });

  it.each([4, 6, 8])('behind what is cached, at %i, has all read anew', async (revision) => {
    const store = new GivenReads([events.slice(0, 4), without(revision, 4)]);
    const cache = cacheOn(store);
    await cache.refresh(stream);
    expect(await cache.refresh(stream)).toEqual(whole);
    expect(store.asked).toEqual([0, 4, 0]);
  });

  it.each([4, 6, 8])('behind a snapshot, at %i, has all read anew', async (revision) => {
    snapshot = { state: '0123', revision: 3, eventId: events[3]?.id ?? '' };
    const store = new GivenReads([without(revision, 3)]);
    expect(await cacheOn(store).refresh(stream)).toEqual(whole);
    expect(store.asked).toEqual([3, 0]);
  });

  it('in a commit that is observed is not folded', async () => {
    const cache = cacheOn(new GivenReads([events.slice(0, 4)]));
    await cache.refresh(stream);
    const word = (revision: number) => ({ text: `${revision}`, revision });
    cache.observe({ stream, events: [word(4), word(6)] });
    expect(cache.cached(stream)?.revision).toBe(3);
    cache.observe({ stream, events: [word(4), word(5)] });
    expect(cache.cached(stream)).toEqual({ state: '012345', revision: 5 });
  });
});

describe('a state that must be as new as a revision', () => {
  it('is waited for while what is read is older', async () => {
    const store = new GivenReads([[], events.slice(0, 4), []]);
    expect(await cacheOn(store).atLeast(stream, 9)).toEqual(whole);
  });

  it('is an error when it does not come, never an older state', async () => {
    const cache = cacheOn(new GivenReads([]));
    const loading = cache.atLeast(stream, 10);
    await expect(loading).rejects.toMatchObject({ name: 'WorldError', retry: 'later' });
  });
});
