import { DiscardPolicy, RetentionPolicy, type JetStreamManager } from '@nats-io/jetstream';
import {
  ensureStream,
  otherSettings,
  streamManager,
} from '../messaging/jetstream/jetstream-streams.js';
import { infoOf } from '../messaging/copies/stream-info.js';
import { untilItPasses } from '../messaging/nats/passing-failure.js';
import { OrderedReader, type ReadMessage } from '../messaging/reading/ordered-reader.js';
import type { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { ClosedError } from '../runtime/closed-error.js';
import { DamagedStreamError } from './damaged-stream.js';
import type {
  AppendOptions,
  AppendResult,
  Commit,
  CommitHandler,
  EventStore,
  ExpectedRevision,
  NewEvent,
  Position,
  ReadOptions,
  StoredEvent,
  SubscribeOptions,
  Subscription,
} from './event-store.port.js';
import { LogAppender } from './log-appender.js';
import { LogChain } from './log-chain.js';
import { damaged, decodeCommit, headOfCommit, positionOf } from './log-message.js';
import { OwnCommits } from './own-commits.js';
import { categoryOf, isStreamName, requireCategory } from './stream-name.js';
import { handlersOf, runSubscription, type LogStep } from './subscription-run.js';

export interface JetStreamEventStoreOptions {
  /** Name of the JetStream stream that holds the log, for example `LOG`. */
  readonly logStream: string;
  /** First token of its subjects, for example `log`. */
  readonly prefix: string;
  /** Whether it refuses to delete streams, for ever: only a log that is made now can be told. Default: false. */
  readonly keepsAll?: boolean;
  /** Copies of the log in a cluster, where nothing is there yet. Default: 1. */
  readonly replicas?: number;
  readonly log: Logger;
  readonly clock?: Clock;
}

/** The log in one JetStream stream: a commit is a message, the stream `agent-<id>` is the subject `log.agent.<id>`. */
export class JetStreamEventStore implements EventStore {
  readonly kind = 'jetstream';
  readonly #subscriptions = new Set<Subscription>();
  readonly #own = new OwnCommits();
  readonly #chain: LogChain;
  readonly #appender: LogAppender;
  #closed = false;

  private constructor(
    private readonly link: NatsLink,
    publisher: LeanPublisher,
    private readonly manager: JetStreamManager,
    private readonly options: JetStreamEventStoreOptions,
  ) {
    this.#chain = new LogChain(link, manager, options.logStream, options.prefix);
    this.#appender = new LogAppender(publisher, this.#chain, this.#own);
  }

  /**
   * Opens the log and creates it when it is not there; one that is there gets its settings from operators alone. The publisher
   * and the link stay the caller's to close.
   */
  static async open(
    link: NatsLink,
    publisher: LeanPublisher,
    options: JetStreamEventStoreOptions,
  ): Promise<JetStreamEventStore> {
    const manager = await streamManager(link.connection);
    const settings = {
      name: options.logStream,
      subjects: [`${options.prefix}.>`],
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.New,
      allow_direct: true,
      deny_delete: true,
      deny_purge: options.keepsAll === true || (await deniesPurge(manager, options)),
    };
    const found = await ensureStream(manager, settings, options.replicas);
    const other = otherSettings(found, settings);
    if (other.length > 0) {
      const hint = 'the log has other settings than it should; "skynet log doctor" sets them';
      options.log.warn(hint, { stream: options.logStream, settings: other });
    }
    return new JetStreamEventStore(link, publisher, manager, options);
  }

  async append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
    options: AppendOptions = {},
  ): Promise<AppendResult> {
    this.#assertOpen();
    return this.#appender.append(stream, events, { expected, ...options });
  }

  async read(stream: string, options: ReadOptions = {}): Promise<readonly StoredEvent[]> {
    this.#assertOpen();
    const { backwards = false, from, max = Infinity } = options;
    return backwards
      ? this.#readBackwards(stream, from ?? Infinity, max)
      : this.#readForwards(stream, from ?? 0, max);
  }

  async deleteStream(stream: string, lastRevision: number): Promise<void> {
    this.#assertOpen();
    await this.#chain.remove(stream, lastRevision);
  }

  async subscribe(options: SubscribeOptions, handler: CommitHandler): Promise<Subscription> {
    this.#assertOpen();
    const { logStream, log, clock } = this.options;
    const { after, prefix = '' } = options;
    if (options.ownAsSent === true) this.#own.open();
    const filter = this.#filterOf(prefix);
    const reader = await OrderedReader.open(this.link, this.manager, {
      stream: logStream,
      log,
      ...(filter !== undefined && { filter }),
      ...(after !== undefined && { after: Number(after) }),
      ...(clock && { clock }),
    });
    const endSteps = () => reader.stop();
    const handlers = handlersOf(options, handler, log);
    const subscription = runSubscription(this.#steps(reader, options), endSteps, handlers);
    this.#subscriptions.add(subscription);
    const forget = () => this.#subscriptions.delete(subscription);
    subscription.closed.then(forget, forget);
    return subscription;
  }

  async head(prefix?: string): Promise<Position | undefined> {
    this.#assertOpen();
    if (prefix !== undefined) return this.#chain.newestOf(requireCategory(prefix));
    const { state } = await this.manager.streams.info(this.options.logStream);
    return state.last_seq === 0 ? undefined : positionOf(state.last_seq);
  }

  comparePositions(a: Position, b: Position): number {
    return Number(a) - Number(b);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()));
  }

  async #readForwards(stream: string, from: number, max: number): Promise<StoredEvent[]> {
    const newestFirst: Commit[] = [];
    for await (const link of this.#chain.links(stream)) {
      newestFirst.push(link.commit());
      if (link.firstRevision <= from) break;
    }
    const events = newestFirst.reverse().flatMap((commit) => commit.events);
    return events.filter((event) => event.revision >= from).slice(0, max);
  }

  async #readBackwards(stream: string, from: number, max: number): Promise<StoredEvent[]> {
    const events: StoredEvent[] = [];
    for await (const link of this.#chain.links(stream)) {
      if (link.firstRevision > from) continue;
      const known = link.commit().events.filter((event) => event.revision <= from);
      events.push(...known.reverse());
      if (events.length >= max) break;
    }
    return events.slice(0, max);
  }

  /** A prefix that is a whole category is left to the server, any other to `#steps`. */
  #filterOf(prefix: string): string | undefined {
    const category = categoryOf(prefix);
    return category && this.#chain.subjectsOf(category);
  }

  async *#steps(
    reader: OrderedReader,
    { prefix = '', ownAsSent = false }: SubscribeOptions,
  ): AsyncGenerator<LogStep> {
    const own = ownAsSent ? this.#own : undefined;
    for await (const { message, caughtUp } of reader) {
      const stream = message && this.#chain.streamOf(message.subject);
      if (!message || !stream?.startsWith(prefix)) yield { caughtUp };
      else yield { caughtUp, ...stepOf(stream, message, own) };
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new ClosedError('the event store');
  }
}

/** A log of a release before: nobody can take back that it denies it. */
async function deniesPurge(
  manager: JetStreamManager,
  { logStream }: JetStreamEventStoreOptions,
): Promise<boolean> {
  const existing = await untilItPasses(() => infoOf(manager, logStream));
  return existing?.config.deny_purge === true;
}

const utf8 = new TextDecoder();

function stepOf(
  stream: string,
  { sequence, headers, body }: ReadMessage,
  own: OwnCommits | undefined,
): Pick<LogStep, 'commit' | 'damage'> {
  const message = { stream, sequence, headers };
  try {
    if (!isStreamName(stream)) throw damaged(message, 'its subject is no stream of ours');
    const head = headOfCommit(message);
    const sent = own?.take(message, head);
    return { commit: sent ?? decodeCommit(message, head, utf8.decode(body)) };
  } catch (error) {
    if (error instanceof DamagedStreamError) return { damage: error.damage };
    throw error;
  }
}
