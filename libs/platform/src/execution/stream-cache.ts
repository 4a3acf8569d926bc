import { LRUCache } from 'lru-cache';
import type { Commit, EventStore } from '../event-store/event-store.port.js';
import type { IdentifiedCommand, StreamModel } from './stream-model.js';

/** The state of a stream at a revision; -1 while the stream does not exist. */
export interface Loaded<State> {
  readonly state: State;
  readonly revision: number;
}

const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024;

/** States of streams, folded on demand and kept by least recent use. May be behind the log, never ahead of it. */
export class StreamCache<Command extends IdentifiedCommand, Event, State> {
  private readonly entries: LRUCache<string, Loaded<State>>;

  constructor(
    private readonly store: Pick<EventStore, 'read'>,
    private readonly model: StreamModel<Command, Event, State>,
    maxBytes: number = DEFAULT_CACHE_BYTES,
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
    let { state, revision } = this.entries.get(stream) ?? this.nothing;
    for (const stored of await this.store.read(stream, { from: revision + 1 })) {
      state = this.model.decider.evolve(state, this.model.read(stored));
      revision = stored.revision;
    }
    const loaded = { state, revision };
    this.keep(stream, loaded);
    return loaded;
  }

  /** Folds in a commit that follows what is cached; others are ignored, a later refresh gets them. */
  observe(commit: Commit): void {
    const before = this.entries.peek(commit.stream);
    const first = commit.events[0];
    if (before === undefined || first === undefined || first.revision !== before.revision + 1)
      return;
    const { decider } = this.model;
    const state = commit.events.reduce(
      (folded, stored) => decider.evolve(folded, this.model.read(stored)),
      before.state,
    );
    this.keep(commit.stream, { state, revision: commit.revision });
  }
}
