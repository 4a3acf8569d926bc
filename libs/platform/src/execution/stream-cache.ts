import { LRUCache } from 'lru-cache';
import type { Commit, EventStore, StoredEvent } from '../event-store/event-store.port.js';
import type { Snapshots } from './snapshots.js';
import type { IdentifiedCommand, Loaded, StreamModel } from './stream-model.js';

const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024;

/** States of streams, folded on demand and kept by least recent use. May be behind the log, never ahead of it. */
export class StreamCache<Command extends IdentifiedCommand, Event, State> {
  private readonly entries: LRUCache<string, Loaded<State>>;

  constructor(
    private readonly store: Pick<EventStore, 'read'>,
    private readonly model: StreamModel<Command, Event, State>,
    maxBytes: number = DEFAULT_CACHE_BYTES,
    private readonly snapshots?: Pick<Snapshots<State>, 'load'>,
  ) {
    this.entries = new LRUCache<string, Loaded<State>>({
      maxSize: maxBytes,
      sizeCalculation: (loaded) => Math.max(1, model.sizeOf(loaded.state)),
    });
  }

  cached(stream: string): Loaded<State> | undefined {
    return this.entries.get(stream);
  }

  keep(stream: string, loaded: Loaded<State>): void {
    if (loaded.revision >= 0) this.entries.set(stream, loaded);
  }

  forget(stream: string): void {
    this.entries.delete(stream);
  }

  /** What is cached when it is as new as that revision, else the newest state. */
  async atLeast(stream: string, revision: number): Promise<Loaded<State>> {
    const cached = this.entries.get(stream);
    return cached !== undefined && cached.revision >= revision ? cached : this.refresh(stream);
  }

  /** The state of a stream that has no events. */
  get nothing(): Loaded<State> {
    return { state: this.model.decider.initialState, revision: -1 };
  }

  /** The newest state: what is cached, and all that came after it. */
  async refresh(stream: string): Promise<Loaded<State>> {
    const cached = this.entries.get(stream);
    const loaded =
      cached === undefined
        ? await this.load(stream)
        : this.fold(cached, await this.store.read(stream, { from: cached.revision + 1 }));
    this.keep(stream, loaded);
    return loaded;
  }

  /** Folds in a commit that follows what is cached; others are ignored, a later refresh gets them. */
  observe(commit: Commit): void {
    const before = this.entries.peek(commit.stream);
    const first = commit.events[0];
    if (before === undefined || first === undefined || first.revision !== before.revision + 1)
      return;
    this.keep(commit.stream, this.fold(before, commit.events));
  }

  /** From the log, and from a snapshot when its last event stands in this very log. */
  private async load(stream: string): Promise<Loaded<State>> {
    const snapshot = await this.snapshots?.load(stream);
    if (snapshot !== undefined) {
      const [last, ...tail] = await this.store.read(stream, { from: snapshot.revision });
      if (last?.id === snapshot.eventId) return this.fold(snapshot, tail);
    }
    return this.fold(this.nothing, await this.store.read(stream));
  }

  private fold(before: Loaded<State>, events: readonly StoredEvent[]): Loaded<State> {
    const { decider } = this.model;
    const state = events.reduce(
      (folded, stored) => decider.evolve(folded, this.model.read(stored)),
      before.state,
    );
    return { state, revision: events.at(-1)?.revision ?? before.revision };
  }
}
