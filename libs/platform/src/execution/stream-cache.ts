import { LRUCache } from 'lru-cache';
import type { EventStore, StoredEvent } from '../event-store/event-store.port.js';
import { sleep, type Clock } from '../runtime/clock.js';
import { WorldError } from '../runtime/world-error.js';
import type { Snapshots } from './snapshots.js';
import type { IdentifiedCommand, Loaded, ReadCommit, StreamModel } from './stream-model.js';

const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024;
/** Between looks for a revision that must be there; together about a second. */
const PAUSES_MS = [10, 20, 40, 80, 150, 300, 400];

export interface StreamCacheOptions<Command extends IdentifiedCommand, Event, State> {
  readonly store: Pick<EventStore, 'read'>;
  readonly model: StreamModel<Command, Event, State>;
  readonly clock: Clock;
  /** Memory for states, bytes. Default 64 MiB. */
  readonly cacheBytes?: number;
  /** Keeps states of long streams. Default: streams are always read from their start. */
  readonly snapshots?: Pick<Snapshots<State>, 'load'>;
}

/** States of streams, folded on demand and kept by least recent use. May be behind the log, never ahead of it. */
export class StreamCache<Command extends IdentifiedCommand, Event, State> {
  private readonly entries: LRUCache<string, Loaded<State>>;

  constructor(private readonly options: StreamCacheOptions<Command, Event, State>) {
    const { cacheBytes = DEFAULT_CACHE_BYTES, model } = options;
    this.entries = new LRUCache<string, Loaded<State>>({
      maxSize: cacheBytes,
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

  /**
   * What is cached when it is as new as that revision, else the newest state; waits for it for about a second.
   *
   * @throws WorldError `retry: 'later'` when all that can be read is older
   */
  async atLeast(stream: string, revision: number): Promise<Loaded<State>> {
    const cached = this.entries.get(stream);
    if (cached !== undefined && cached.revision >= revision) return cached;
    let loaded = await this.refresh(stream);
    for (const pauseMs of PAUSES_MS) {
      if (loaded.revision >= revision) return loaded;
      await sleep(this.options.clock, pauseMs);
      loaded = await this.refresh(stream);
    }
    if (loaded.revision >= revision) return loaded;
    const message = `${stream} can be read to revision ${loaded.revision} only, not to ${revision}`;
    throw new WorldError(message, 'later');
  }

  /** The state of a stream that has no events. */
  get nothing(): Loaded<State> {
    return { state: this.options.model.decider.initialState, revision: -1 };
  }

  /**
   * The newest state: what is cached, and all that came after it.
   *
   * @throws WorldError `retry: 'later'` when the stream can't be read whole
   */
  async refresh(stream: string): Promise<Loaded<State>> {
    const cached = this.entries.get(stream);
    const loaded = (cached && (await this.continued(stream, cached))) ?? (await this.load(stream));
    this.keep(stream, loaded);
    return loaded;
  }

  /** Folds in a commit that follows what is cached; others are ignored, a later refresh gets them. */
  observe({ stream, events }: ReadCommit<Event>): void {
    const before = this.entries.peek(stream);
    if (before === undefined || events[0]?.revision !== before.revision + 1) return;
    const after = this.fold(before, events, (event) => event);
    if (after !== undefined) this.keep(stream, after);
  }

  /** Undefined when what is cached is no state to go on from. */
  private async continued(
    stream: string,
    cached: Loaded<State>,
  ): Promise<Loaded<State> | undefined> {
    const events = await this.options.store.read(stream, { from: cached.revision + 1 });
    const loaded = this.foldStored(cached, events);
    if (loaded === undefined) this.forget(stream);
    return loaded;
  }

  /** From the log, and from a snapshot when its last event stands in this very log. */
  private async load(stream: string): Promise<Loaded<State>> {
    const snapshot = await this.options.snapshots?.load(stream);
    if (snapshot !== undefined) {
      const [last, ...tail] = await this.options.store.read(stream, { from: snapshot.revision });
      const isOfThisLog = last?.id === snapshot.eventId && last.revision === snapshot.revision;
      const loaded = isOfThisLog ? this.foldStored(snapshot, tail) : undefined;
      if (loaded !== undefined) return loaded;
    }
    const loaded = this.foldStored(this.nothing, await this.options.store.read(stream));
    if (loaded !== undefined) return loaded;
    throw new WorldError(`${stream} was read with a gap`, 'later');
  }

  private foldStored(
    before: Loaded<State>,
    events: readonly StoredEvent[],
  ): Loaded<State> | undefined {
    return this.fold(before, events, (stored) => this.options.model.read(stored));
  }

  /** Undefined when the events do not follow each other, or not what was before: a hole must never become a state. */
  private fold<Source extends Pick<StoredEvent, 'revision'>>(
    before: Loaded<State>,
    events: readonly Source[],
    read: (source: Source) => Event,
  ): Loaded<State> | undefined {
    let { state, revision } = before;
    for (const source of events) {
      if (source.revision !== revision + 1) return undefined;
      state = this.options.model.decider.evolve(state, read(source));
      revision = source.revision;
    }
    return { state, revision };
  }
}
