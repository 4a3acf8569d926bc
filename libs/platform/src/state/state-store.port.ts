/** A value with the revision of its last write; revisions grow within a key. */
export interface StateEntry<Value> {
  readonly key: string;
  readonly value: Value;
  readonly revision: number;
}

export interface StatePage<Value> {
  readonly entries: readonly StateEntry<Value>[];
  /** Pass to the next `scan`; undefined on the last page. */
  readonly cursor?: string;
}

/** Present value, or undefined after a delete. */
export type StateWatcher<Value> = (key: string, entry: StateEntry<Value> | undefined) => void;

/**
 * One bucket of derived state. Keys: `[A-Za-z0-9_=/.-]+`, at most 200 characters; values are plain data and cross
 * the wire as MessagePack.
 */
export interface StateStore<Value> {
  /** Undefined when absent. Safe to retry. */
  get(key: string): Promise<StateEntry<Value> | undefined>;
  /**
   * Writes and returns the new revision. `expected`: a revision, or 'absent' for a first write; without it the last
   * write wins. Safe to retry without `expected`.
   *
   * @throws StateConflictError when the key is at another revision
   */
  put(key: string, value: Value, expected?: number | 'absent'): Promise<number>;
  /** Removes the key; does nothing when absent. With `expected` as in `put`. */
  delete(key: string, expected?: number): Promise<void>;
  /**
   * Entries whose key starts with `prefix`, in key order, `limit` (default 100) at a time. Each page is O(n) in the
   * bucket; whoever wants all of them takes `entries`.
   */
  scan(prefix: string, options?: { cursor?: string; limit?: number }): Promise<StatePage<Value>>;
  /**
   * All entries whose key starts with `prefix`, in one pass and in no order. Each key that is there all the while comes
   * at least once; one that is written meanwhile may come again, newer, so the last one counts. One that is deleted
   * meanwhile may have come.
   */
  entries(prefix: string): AsyncIterable<StateEntry<Value>>;
  /** Calls with every present entry under the prefix, then with every change; returns a stop function. */
  watch(prefix: string, watcher: StateWatcher<Value>): Promise<() => Promise<void>>;
}

export interface BucketOptions {
  /** Entries older than this vanish, milliseconds. Default: never. */
  readonly ttlMs?: number;
}

/** Opens buckets; the same name opens the same bucket in every process. */
export interface StateStores {
  open<Value>(bucket: string, options?: BucketOptions): Promise<StateStore<Value>>;
  close(): Promise<void>;
}
