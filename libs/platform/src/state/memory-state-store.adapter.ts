import { systemClock, type Clock } from '../runtime/clock.js';
import { decodeState, encodeState } from './state-codec.js';
import { StateConflictError } from './state-conflict.js';
import { assertBucket, assertKey, assertPrefix } from './state-keys.js';
import type {
  BucketOptions,
  StateEntry,
  StatePage,
  StateStore,
  StateStores,
  StateWatcher,
} from './state-store.port.js';

/** Buckets of one process, gone with it: for tests. */
export class MemoryStateStores implements StateStores {
  readonly #buckets = new Map<string, MemoryStateStore<unknown>>();

  constructor(private readonly clock: Clock = systemClock) {}

  async open<Value>(bucket: string, options: BucketOptions = {}): Promise<StateStore<Value>> {
    assertBucket(bucket);
    let store = this.#buckets.get(bucket);
    if (store === undefined) {
      store = new MemoryStateStore(bucket, options, this.clock);
      this.#buckets.set(bucket, store);
    }
    return store as MemoryStateStore<Value>;
  }

  async close(): Promise<void> {
    this.#buckets.clear();
  }
}

interface Row {
  readonly bytes: Uint8Array;
  readonly revision: number;
  readonly storedMs: number;
}

class MemoryStateStore<Value> implements StateStore<Value> {
  readonly #rows = new Map<string, Row>();
  readonly #watchers = new Map<StateWatcher<Value>, string>();
  #revision = 0;

  constructor(
    private readonly bucket: string,
    private readonly options: BucketOptions,
    private readonly clock: Clock,
  ) {}

  async get(key: string): Promise<StateEntry<Value> | undefined> {
    assertKey(key);
    return this.#entry(key);
  }

  async put(key: string, value: Value, expected?: number | 'absent'): Promise<number> {
    assertKey(key);
    const present = this.#row(key)?.revision ?? 'absent';
    if (expected !== undefined && expected !== present) {
      throw new StateConflictError(this.bucket, key);
    }
    this.#revision += 1;
    const bytes = encodeState(value);
    this.#rows.set(key, { bytes, revision: this.#revision, storedMs: this.clock.nowMs() });
    this.#tell(key);
    return this.#revision;
  }

  async delete(key: string, expected?: number): Promise<void> {
    assertKey(key);
    const present = this.#row(key);
    if (present === undefined) return;
    if (expected !== undefined && expected !== present.revision) {
      throw new StateConflictError(this.bucket, key);
    }
    this.#revision += 1;
    this.#rows.delete(key);
    this.#tell(key);
  }

  async scan(
    prefix: string,
    { cursor = '', limit = 100 }: { cursor?: string; limit?: number } = {},
  ): Promise<StatePage<Value>> {
    const keys = this.#keys(prefix).filter((key) => key > cursor);
    const entries = keys.slice(0, limit).flatMap((key) => this.#entry(key) ?? []);
    const last = entries.at(-1);
    return keys.length > limit && last ? { entries, cursor: last.key } : { entries };
  }

  async *entries(prefix: string): AsyncGenerator<StateEntry<Value>, void, undefined> {
    for (const key of this.#keys(prefix)) {
      const entry = this.#entry(key);
      if (entry !== undefined) yield entry;
    }
  }

  async watch(prefix: string, watcher: StateWatcher<Value>): Promise<() => Promise<void>> {
    for (const key of this.#keys(prefix)) watcher(key, this.#entry(key));
    this.#watchers.set(watcher, prefix);
    return async () => {
      this.#watchers.delete(watcher);
    };
  }

  #keys(prefix: string): string[] {
    assertPrefix(prefix);
    const keys = [...this.#rows.keys()].filter((key) => key.startsWith(prefix));
    return keys.filter((key) => this.#row(key)).sort();
  }

  #row(key: string): Row | undefined {
    const row = this.#rows.get(key);
    if (row === undefined) return undefined;
    const ageMs = this.clock.nowMs() - row.storedMs;
    return ageMs >= (this.options.ttlMs ?? Infinity) ? undefined : row;
  }

  #entry(key: string): StateEntry<Value> | undefined {
    const row = this.#row(key);
    return row && { key, value: decodeState<Value>(row.bytes), revision: row.revision };
  }

  #tell(key: string): void {
    const told = [...this.#watchers].filter(([, prefix]) => key.startsWith(prefix));
    if (told.length === 0) return;
    const entry = this.#entry(key);
    for (const [watcher] of told) queueMicrotask(() => watcher(key, entry));
  }
}
