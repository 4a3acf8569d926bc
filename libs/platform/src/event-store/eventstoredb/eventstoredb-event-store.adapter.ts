import { BACKWARDS, END, streamNameFilter } from '@kurrent/kurrentdb-client';
import { ClosedError } from '../../runtime/closed-error.js';
import type {
  AppendOptions,
  AppendResult,
  CommitHandler,
  EventStore,
  ExpectedRevision,
  NewEvent,
  Position,
  ReadOptions,
  StoredEvent,
  SubscribeOptions,
  Subscription,
} from '../event-store.port.js';
import type { Packing } from '../eventstoredb-form/event-pack.js';
import { comparePlaces, placeOf, positionOf } from '../eventstoredb-form/log-place.js';
import { parseStreamName, requireCategory } from '../stream-name.js';
import { handlersOf, runSubscription } from '../subscription-run.js';
import { withoutPlace } from './commit-assembler.js';
import { KnownPlaces } from './known-places.js';
import { KurrentConnection, type EventStoreDbOptions } from './kurrent-connection.js';
import { KurrentStreams } from './kurrent-streams.js';
import { LogFeed } from './log-feed.js';
import { OUR_STREAMS } from './log-session.js';
import { StreamReader } from './stream-reader.js';

export interface EventStoreDbLogOptions extends EventStoreDbOptions {
  /** What neighbours in a commit are stored as one event. What is stored so is read by every store. Default: none. */
  readonly packing?: Packing;
}

/**
 * The log in EventStoreDB 23.10 or newer: a stream for each of ours, all of them together in `$all`. Its event numbers
 * count what is stored; where details are stored as one they are smaller than revisions.
 */
export class EventStoreDbEventStore implements EventStore {
  readonly kind = 'eventstoredb';
  readonly #subscriptions = new Set<Subscription>();
  readonly #places = new KnownPlaces();
  readonly #reader: StreamReader;
  readonly #streams: KurrentStreams;
  #closed = false;

  private constructor(
    private readonly connection: KurrentConnection,
    packing: Packing | undefined,
  ) {
    this.#reader = new StreamReader(connection, this.#places);
    this.#streams = new KurrentStreams(connection, this.#reader, this.#places, packing);
  }

  /**
   * Connects, waiting for a server that still starts.
   *
   * @throws WorldError `retry: 'later'` when no server answers in time, `'never'` when it refuses or the address is wrong
   */
  static async open(options: EventStoreDbLogOptions): Promise<EventStoreDbEventStore> {
    const connection = await KurrentConnection.open(options);
    return new EventStoreDbEventStore(connection, options.packing);
  }

  async append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
    options: AppendOptions = {},
  ): Promise<AppendResult> {
    this.#assertOpen();
    parseStreamName(stream);
    return this.#streams.append(stream, events, { expected, ...options });
  }

  async read(stream: string, options: ReadOptions = {}): Promise<readonly StoredEvent[]> {
    this.#assertOpen();
    parseStreamName(stream);
    return (await this.#reader.read(stream, options)).map(withoutPlace);
  }

  async deleteStream(stream: string, lastRevision: number): Promise<void> {
    this.#assertOpen();
    parseStreamName(stream);
    await this.#streams.delete(stream, lastRevision);
  }

  async subscribe(options: SubscribeOptions, handler: CommitHandler): Promise<Subscription> {
    this.#assertOpen();
    const feed = new LogFeed(this.connection, options, this.#places);
    const handlers = handlersOf(options, handler, this.connection.log);
    const subscription = runSubscription(feed.steps(), () => feed.stop(), handlers);
    this.#subscriptions.add(subscription);
    const forget = () => this.#subscriptions.delete(subscription);
    subscription.closed.then(forget, forget);
    return subscription;
  }

  async head(prefix?: string): Promise<Position | undefined> {
    this.#assertOpen();
    if (prefix !== undefined) requireCategory(prefix);
    const what = 'head of the log';
    return this.connection.patiently(what, () =>
      this.connection.limited(what, this.#newest(prefix)),
    );
  }

  async #newest(prefix: string | undefined): Promise<Position | undefined> {
    const newest = this.connection.client.readAll({
      direction: BACKWARDS,
      fromPosition: END,
      maxCount: 1,
      requiresLeader: true,
      filter:
        prefix === undefined
          ? streamNameFilter({ regex: OUR_STREAMS })
          : streamNameFilter({ prefixes: [prefix] }),
    });
    for await (const { event } of newest) if (event) return positionOf(event.position);
    return undefined;
  }

  /** An append that no server accepts, since its stream is not there; to be refused is the answer of one that takes others. */
  async probe(): Promise<void> {
    this.#assertOpen();
    await this.#streams.probe();
  }

  comparePositions(a: Position, b: Position): number {
    return comparePlaces(placeOf(a), placeOf(b));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()));
    await this.connection.close();
  }

  #assertOpen(): void {
    if (this.#closed) throw new ClosedError('the event store');
  }
}
