import { buckets } from '@skynet/contracts';
import {
  StateConflictError,
  WorldError,
  type StateStore,
  type StateStores,
} from '@skynet/platform';
import {
  emptied,
  EMPTY_BOOK,
  readNotebook,
  writeNote,
  type Notebook,
  type NoteWrite,
  type Written,
} from './notebook.js';

const MAX_TRIES = 8;

/** Whose notes they are. */
export interface BookPlace {
  readonly tenant: string;
  readonly template: string;
}

type Change = (book: Notebook) => Written;

/** What agents of a template leave for those that come after them, for each tenant apart. */
export class Notebooks {
  private opening: Promise<StateStore<unknown>> | undefined;

  /** The last write of this process to each: one comes after the other. */
  private readonly writing = new Map<string, Promise<Written>>();

  constructor(private readonly states: Pick<StateStores, 'open'>) {}

  /** @throws WorldError `later` when the store does not answer, or has another form of it. */
  async read(place: BookPlace): Promise<Notebook> {
    const store = await this.opened();
    return (await known(store, place)).book;
  }

  /** Once for each id. Safe to retry. @throws WorldError as `read`. */
  write(place: BookPlace, write: NoteWrite): Promise<Written> {
    return this.inTurn(place, (book) => writeNote(book, write));
  }

  /** Takes all notes of the template off. Safe to retry. @throws WorldError as `read`. */
  async clear(place: BookPlace): Promise<void> {
    await this.inTurn(place, (book) => ({ kind: 'written', book: emptied(book), version: 0 }));
  }

  private inTurn(place: BookPlace, change: Change): Promise<Written> {
    const key = keyOf(place);
    const before = this.writing.get(key) ?? Promise.resolve();
    const mine = before.then(
      () => this.writeNow(place, change),
      () => this.writeNow(place, change),
    );
    this.writing.set(key, mine);
    const forget = () => {
      if (this.writing.get(key) === mine) this.writing.delete(key);
    };
    mine.then(forget, forget);
    return mine;
  }

  private async writeNow(place: BookPlace, change: Change): Promise<Written> {
    const store = await this.opened();
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const { book, revision } = await known(store, place);
      const written = change(book);
      if (written.kind === 'refused' || written.book === book) return written;
      try {
        await store.put(keyOf(place), written.book, revision ?? 'absent');
        return written;
      } catch (error) {
        if (!(error instanceof StateConflictError)) throw error;
      }
    }
    throw new WorldError('the notes are written by too many at once', 'later');
  }

  /** Templates with notes, in order. */
  async templatesOf(tenant: string): Promise<readonly string[]> {
    const store = await this.opened();
    const prefix = keyOf({ tenant, template: '' });
    const found = new Set<string>();
    for await (const { key, value } of store.entries(prefix)) {
      if (readNotebook(value)?.notes.length !== 0) found.add(key.slice(prefix.length));
    }
    return [...found].toSorted();
  }

  /** All notes of the tenant, and what was known of them. */
  async removeAll(tenant: string): Promise<void> {
    const store = await this.opened();
    const keys: string[] = [];
    for await (const { key } of store.entries(keyOf({ tenant, template: '' }))) keys.push(key);
    for (const key of keys) await store.delete(key);
  }

  private opened(): Promise<StateStore<unknown>> {
    this.opening ??= this.states.open<unknown>(buckets.notes.bucket).catch((error: unknown) => {
      this.opening = undefined;
      throw new WorldError('the notes can not be read', 'later', { cause: error });
    });
    return this.opening;
  }
}

function keyOf({ tenant, template }: BookPlace): string {
  return `${tenant}/${template}`;
}

async function known(store: StateStore<unknown>, place: BookPlace) {
  const entry = await store.get(keyOf(place));
  if (entry === undefined) return { book: EMPTY_BOOK, revision: undefined };
  const book = readNotebook(entry.value);
  if (book === undefined)
    throw new WorldError('the notes are stored in a form of another release', 'later');
  return { book, revision: entry.revision };
}
