import type { StateEntry, StateWatcher } from '../state-store.port.js';

/** What a watch is told of one key: its entry, or that it is gone. */
export interface Change<Value> {
  readonly key: string;
  readonly revision: number;
  readonly entry?: StateEntry<Value>;
}

/** Joins what is read with what is heard meanwhile, so that the watcher is told everything once and in order. */
export class RedisWatch<Value> {
  /** What the watcher was told last, of keys that are present. */
  readonly #told = new Map<string, number>();
  /** What was heard during a reading. */
  #heard: Change<Value>[] | undefined;

  constructor(private readonly watcher: StateWatcher<Value>) {}

  hear(change: Change<Value>): void {
    if (this.#heard) this.#heard.push(change);
    else this.#apply(change);
  }

  /** Reads everything, tells what is new and what is gone, then goes on with what was heard. Safe to repeat. */
  async synchronise(readAll: () => Promise<readonly StateEntry<Value>[]>): Promise<void> {
    const heard = (this.#heard ??= []);
    const entries = await readAll();
    const present = new Set(entries.map(({ key }) => key));
    for (const key of [...this.#told.keys()]) {
      if (present.has(key)) continue;
      this.#told.delete(key);
      this.watcher(key, undefined);
    }
    for (const entry of entries) this.#apply({ ...entry, entry });
    this.#heard = undefined;
    for (const change of heard) this.#apply(change);
  }

  #apply({ key, revision, entry }: Change<Value>): void {
    const told = this.#told.get(key);
    if (told !== undefined && revision <= told) return;
    if (entry) this.#told.set(key, revision);
    else if (!this.#told.delete(key)) return;
    this.watcher(key, entry);
  }
}
