import { buckets } from '@skynet/contracts';
import {
  StateConflictError,
  WorldError,
  type Logger,
  type StateEntry,
  type StateStore,
  type StateStores,
} from '@skynet/platform';
import { NO_PINS, type Pins } from './pins.js';
import { fromStored, toStored, type StoredPins } from './stored-pins.js';

const MAX_TRIES = 8;

interface Known {
  readonly pins: Pins;
  /** Undefined when nothing is stored. */
  readonly revision: number | undefined;
}

/** The pins of all tool servers, shared by all replicas: what another one writes is known here soon after. */
export class PinBook {
  private readonly known = new Map<string, Known>();
  private readonly listeners = new Map<string, Set<() => void>>();
  private opening: Promise<StateStore<StoredPins>> | undefined;
  private stopWatching: (() => Promise<void>) | undefined;
  private isClosed = false;

  constructor(
    private readonly states: Pick<StateStores, 'open'>,
    private readonly log: Pick<Logger, 'warn'>,
  ) {}

  /** Reads what is stored and follows it from then on; what fails is tried again with the next use. */
  async open(): Promise<void> {
    await this.opened().catch((error: unknown) => {
      this.log.warn('the pins of tool servers can not be read for now', { error });
    });
  }

  /** What was last read of a server's pins; undefined when nothing was. */
  last(server: string): Pins | undefined {
    return this.known.get(keyOf(server))?.pins;
  }

  /**
   * The pins of a server as the store has them now.
   *
   * @throws WorldError when they can't be read
   */
  async newest(server: string): Promise<Pins> {
    return (await this.read(await this.opened(), keyOf(server))).pins;
  }

  /**
   * Applies the change to the newest pins and stores what it returns, unless that is what it was given. Safe to retry.
   *
   * @throws WorldError when the pins can't be read or written
   */
  async update(server: string, change: (pins: Pins) => Pins): Promise<Pins> {
    const key = keyOf(server);
    const store = await this.opened();
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const { pins, revision } =
        (tries === 0 ? this.known.get(key) : undefined) ?? (await this.read(store, key));
      const next = change(pins);
      if (next === pins) return pins;
      const stored = await this.write(store, { key, pins: next, revision });
      if (stored) return next;
    }
    throw new WorldError(`the pins of ${server} are written by too many at once`, 'later');
  }

  /** Calls whenever the pins of the server are others than before; returns a stop function. */
  onChange(server: string, listener: () => void): () => void {
    const key = keyOf(server);
    const listeners = this.listeners.get(key) ?? new Set();
    this.listeners.set(key, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /** Waits for no store that is not there. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.stopWatching?.();
  }

  private opened(): Promise<StateStore<StoredPins>> {
    this.opening ??= this.openStore().catch((error: unknown) => {
      this.opening = undefined;
      const message = 'the pinned definitions of tools can not be read';
      throw new WorldError(`${message}: ${reasonOf(error)}`, 'later', { cause: error });
    });
    return this.opening;
  }

  private async openStore(): Promise<StateStore<StoredPins>> {
    const store = await this.states.open<StoredPins>(buckets.toolPins.bucket);
    this.stopWatching = await store.watch('', (key, entry) => this.heard(key, entry));
    if (this.isClosed) await this.stopWatching();
    return store;
  }

  private heard(key: string, entry: StateEntry<StoredPins> | undefined): void {
    if (entry === undefined) {
      // By hand: the next look at the server is the first one.
      this.known.delete(key);
      this.tell(key);
    } else if (entry.revision > (this.known.get(key)?.revision ?? 0)) this.learn(key, entry);
  }

  private async read(store: StateStore<StoredPins>, key: string): Promise<Known> {
    const entry = await store.get(key);
    if (entry === undefined) return { pins: NO_PINS, revision: undefined };
    const known = this.learn(key, entry);
    if (known !== undefined) return known;
    throw new WorldError('pinned definitions are stored in a form of another release', 'later');
  }

  private async write(
    store: StateStore<StoredPins>,
    { key, pins, revision }: Known & { readonly key: string },
  ): Promise<boolean> {
    try {
      const written = await store.put(key, toStored(pins), revision ?? 'absent');
      this.remember(key, { pins, revision: written });
      return true;
    } catch (error) {
      if (error instanceof StateConflictError) return false;
      throw error;
    }
  }

  private learn(key: string, { value, revision }: StateEntry<StoredPins>): Known | undefined {
    const pins = fromStored(value);
    if (pins === undefined) return undefined;
    return this.remember(key, { pins, revision });
  }

  private remember(key: string, known: Known): Known {
    this.known.set(key, known);
    this.tell(key);
    return known;
  }

  private tell(key: string): void {
    for (const listener of this.listeners.get(key) ?? []) listener();
  }
}

/** Names of servers have characters that keys have not. */
function keyOf(server: string): string {
  return server.replace(/[^A-Za-z0-9_-]/gu, (char) => {
    return `=${char.codePointAt(0)?.toString(16) ?? ''}=`;
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
