import { beforeEach, describe, expect, it } from '@jest/globals';
import { accept, type Decider } from '@skynet/kernel';
import { eventually, ManualClock } from '@skynet/testing';
import { MemoryEventStore, MemoryLog } from '../event-store/memory-event-store.adapter.js';
import type { ReadOptions, StoredEvent } from '../event-store/event-store.port.js';
import { silentLogger } from '../runtime/logger.js';
import { MemoryStateStores } from '../state/memory-state-store.adapter.js';
import { CommandHandler } from './command-handler.js';
import { Snapshots, SNAPSHOTS, type SnapshotModel, type SnapshotValue } from './snapshots.js';
import type { StreamModel } from './stream-model.js';

interface Write {
  readonly id: string;
  readonly word: string;
}
interface Book {
  readonly words: readonly string[];
  readonly generation?: number;
}

const PAGE = 100;
const END = 'end';
/** What was written before this word is forgotten. */
const FORGET = 'forget';

const decider: Decider<Write, string, Book> = {
  initialState: { words: [] },
  decide: ({ word }) => accept(word),
  evolve: ({ words, generation = 0 }, word) =>
    word === FORGET
      ? { words: [], generation: generation + 1 }
      : { words: [...words, word], generation },
};

const model: StreamModel<Write, string, Book> = {
  decider,
  begins: () => false,
  streamOf: (id) => `book-${id}`,
  read: ({ data }) => data as string,
  write: (data) => ({
    type: 'WordWritten',
    version: 1,
    data,
    metadata: { correlationId: '', causationId: '', tenant: 'acme', principal: 'a', epoch: 0 },
  }),
  sizeOf: () => 1,
};

const books = (schema: string): SnapshotModel<Book> => ({
  schema,
  isOver: ({ words }) => words.at(-1) === END,
  take({ words, generation }) {
    const full = Math.floor(words.length / PAGE);
    const pages = Array.from({ length: full }, (_, index) =>
      words.slice(index * PAGE, (index + 1) * PAGE),
    );
    return { head: { words: words.slice(full * PAGE), generation }, pages, generation };
  },
  restore: ({ head, pages }) => {
    const { words, generation } = head as Book;
    return { words: [...(pages as string[][]).flat(), ...words], generation };
  },
});

/** A log that tells what was read of it. */
class CountingStore extends MemoryEventStore {
  readonly reads: { from: number; events: number }[] = [];

  override async read(stream: string, options: ReadOptions = {}): Promise<readonly StoredEvent[]> {
    const events = await super.read(stream, options);
    this.reads.push({ from: options.from ?? 0, events: events.length });
    return events;
  }
}

const origin = { tenant: 'acme', principal: 'a' };
const clock = new ManualClock();
let log: MemoryLog;
let states: MemoryStateStores;

beforeEach(() => {
  log = new MemoryLog();
  states = new MemoryStateStores();
});

/** A process of its own on the same log. */
function process({ schema = 'first', on = log } = {}) {
  const store = new CountingStore(on);
  const snapshots = new Snapshots({ states, model: books(schema), clock, log: silentLogger });
  const handler = new CommandHandler({ store, model, clock, snapshots });
  const write = async (from: number, to: number, word = 'w') => {
    for (let index = from; index < to; index += 1) {
      await handler.execute('1', { id: `c${index}`, word: `${word}${index}` }, origin);
    }
  };
  const forget = () => handler.execute('1', { id: 'forget', word: FORGET }, origin);
  const end = () => handler.execute('1', { id: 'last', word: END }, origin);
  const words = async () => (await handler.load('1')).state.words;
  return { store, write, forget, end, words };
}

const bucket = () => states.open<SnapshotValue>(SNAPSHOTS);
const keys = async () => (await (await bucket()).scan('')).entries.map(({ key }) => key);
const keptRevision = async () =>
  ((await (await bucket()).get('book-1'))?.value as { revision?: number } | undefined)?.revision;

async function written(words: number, schema?: string): Promise<void> {
  await process({ schema }).write(0, words);
  const revision = Math.floor(words / 200) * 200 - 1;
  await eventually(async () => expect(await keptRevision()).toBe(revision));
}

const expected = (words: number) => Array.from({ length: words }, (_, index) => `w${index}`);

describe('a stream of more than 200 events', () => {
  it('is loaded by another process from its snapshot and what came after it', async () => {
    await written(430);
    const other = process();
    expect(await other.words()).toEqual(expected(430));
    expect(other.store.reads).toEqual([{ from: 399, events: 31 }]);
  });

  it('keeps no page twice', async () => {
    await written(430);
    expect(await keys()).toEqual(['book-1', 'book-1.0', 'book-1.1', 'book-1.2', 'book-1.3']);
    const entry = await (await bucket()).get('book-1.0');
    expect(entry?.revision).toBe(1);
  });

  it('has other pages when its state has forgotten what was in them', async () => {
    await written(430);
    const writer = process();
    await writer.forget();
    await writer.write(430, 600);
    await eventually(async () => expect(await keptRevision()).toBe(599));
    expect(await keys()).toEqual(['book-1', 'book-1.0']);
    const other = process();
    expect(await other.words()).toEqual(expected(600).slice(430));
    expect(other.store.reads).toEqual([{ from: 599, events: 2 }]);
  });

  it('leaves nothing behind when it is over', async () => {
    await written(430);
    const last = process();
    await last.end();
    await eventually(async () => expect(await keys()).toEqual([]));
    expect(await process().words()).toEqual([...expected(430), END]);
  });
});

describe('a stream of fewer events', () => {
  it('has no snapshot', async () => {
    await process().write(0, 199);
    const other = process();
    expect(await other.words()).toEqual(expected(199));
    expect(await keys()).toEqual([]);
  });
});

describe('a snapshot', () => {
  it('of another schema is not read, and the next one takes its place', async () => {
    await written(230);
    const next = process({ schema: 'second' });
    expect(await next.words()).toEqual(expected(230));
    expect(next.store.reads).toEqual([{ from: 0, events: 230 }]);
    await next.write(230, 401);
    await eventually(async () => expect(await keptRevision()).toBe(399));
    expect(await process({ schema: 'second' }).words()).toEqual(expected(401));
  });

  it('with a damaged page is not read, and the next one has whole pages', async () => {
    await written(230);
    await (await bucket()).delete('book-1.1');
    const next = process();
    expect(await next.words()).toEqual(expected(230));
    expect(next.store.reads).toEqual([{ from: 0, events: 230 }]);
    await next.write(230, 401);
    await eventually(async () => expect(await keptRevision()).toBe(399));
    const other = process();
    expect(await other.words()).toEqual(expected(401));
    expect(other.store.reads).toEqual([{ from: 399, events: 2 }]);
  });

  it('never gives way to an older one', async () => {
    await written(430);
    const snapshots = new Snapshots({ states, model: books('first'), clock, log: silentLogger });
    await snapshots.save('book-1', { state: { words: [] }, revision: 199, eventId: 'older' });
    expect(await keptRevision()).toBe(399);
  });

  it('of another log is not read', async () => {
    await written(230);
    const other = new MemoryLog();
    await process({ on: other }).write(0, 3, 'other');
    expect(await process({ on: other }).words()).toEqual(['other0', 'other1', 'other2']);
  });
});

describe('a state store that does not answer', () => {
  it('costs a second, and the whole stream is read', async () => {
    await process().write(0, 3);
    states.open = () => new Promise(() => undefined);
    const loading = process().words();
    await clock.advance(1_000);
    expect(await loading).toEqual(expected(3));
  });
});
