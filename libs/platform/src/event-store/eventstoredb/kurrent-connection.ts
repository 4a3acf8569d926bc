import { KurrentDBClient } from '@kurrent/kurrentdb-client';
import { sleep, systemClock, within, type Clock } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/logger.js';
import type { Secret } from '../../runtime/secret.js';
import { WorldError } from '../../runtime/world-error.js';
import { AppendCall } from './append-call.js';
import { Backoff } from './backoff.js';
import { connectionText } from './connection-string.js';
import { isAnswer, isLost, worldErrorOf } from './kurrent-errors.js';
import { ReplaceableClient } from './replaceable-client.js';

/** Where EventStoreDB is and how patient its clients are. */
export interface EventStoreDbOptions {
  /** `kurrentdb://user:password@host:2113?tls=true`; TLS and credentials come with it. `esdb://` is taken too. */
  readonly url: Secret;
  /** How long a server that is not there yet is waited for. Default: 30,000. */
  readonly startTimeoutMs?: number;
  /** How long one call may take. Default: 2,000 for an append, as long as a command is valid; 5,000 for a read. */
  readonly callTimeoutMs?: number;
  /** How long a call is made again while the server is away. Default: 2,000 for an append, 5,000 for a read. */
  readonly patienceMs?: number;
  readonly log: Logger;
  readonly clock?: Clock;
}

const DEFAULT_MS = 5_000;
const APPEND_MS = 2_000;
const START_TIMEOUT_MS = 30_000;
const LOG_EVERY_MS = 5_000;
// A name that no stream of ours has; reading it costs next to nothing.
export const NO_STREAM = 'skynet';

/** The vendor's client, with calls that take a limited time and are made again while the server is away. */
export class KurrentConnection {
  readonly clock: Clock;
  readonly log: Logger;
  readonly appends: AppendCall;
  /** For subscriptions, which live long. */
  readonly followers: ReplaceableClient<KurrentDBClient>;
  readonly #readers: ReplaceableClient<KurrentDBClient>;
  /** How long an answer is waited for by who appends. */
  readonly appendTimeoutMs: number;
  readonly #callTimeoutMs: number;
  #isAway = false;

  private constructor(private readonly options: EventStoreDbOptions) {
    const { url, log, clock = systemClock, callTimeoutMs } = options;
    this.clock = clock;
    this.log = log;
    const make = () => clientOf(url);
    this.followers = new ReplaceableClient(make, clock);
    this.#readers = new ReplaceableClient(make, clock);
    this.appendTimeoutMs = callTimeoutMs ?? APPEND_MS;
    this.appends = new AppendCall(make, clock, this.appendTimeoutMs);
    this.#callTimeoutMs = callTimeoutMs ?? DEFAULT_MS;
  }

  /**
   * Connects, waiting for a server that still starts. The first read of a process costs half a second in the client,
   * so it is made here.
   *
   * @throws WorldError `retry: 'later'` when no server answers in time, `'never'` when it refuses or the address is wrong
   */
  static async open(options: EventStoreDbOptions): Promise<KurrentConnection> {
    const connection = new KurrentConnection(options);
    try {
      await connection.waitForServer(options.startTimeoutMs ?? START_TIMEOUT_MS);
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  private async waitForServer(startTimeoutMs: number): Promise<void> {
    const { clock, log } = this;
    const startMs = clock.monotonicMs();
    const backoff = new Backoff();
    for (let lastLogMs = -Infinity; ;) {
      try {
        return await this.roundTrip();
      } catch (error) {
        if (error instanceof WorldError && error.retry === 'never') throw error;
        const waitedMs = clock.monotonicMs() - startMs;
        if (waitedMs >= startTimeoutMs) throw notThere(startTimeoutMs, error);
        if (waitedMs - lastLogMs >= LOG_EVERY_MS) {
          lastLogMs = waitedMs;
          log.warn('waiting for EventStoreDB', { error: String(error) });
        }
        await sleep(clock, backoff.nextMs());
      }
    }
  }

  /** For reads; ask for it anew each time. */
  get client(): KurrentDBClient {
    return this.#readers.current;
  }

  /** One read of nothing. @throws WorldError when the server does not answer */
  async roundTrip(): Promise<void> {
    try {
      const events = this.client.readStream(NO_STREAM, { maxCount: 1 });
      await this.limited('a first read', events[Symbol.asyncIterator]().next());
    } catch (error) {
      if (!isAnswer(error)) throw worldErrorOf('a read', error);
    }
  }

  /**
   * The outcome of a call, which is made again while the server is away; only for calls that are safe to repeat and that
   * end by themselves. `what` names it in errors. Answers of the server are thrown as the client throws them.
   *
   * @throws WorldError when the server stays away or refuses
   */
  async patiently<Result>(
    what: string,
    call: () => Promise<Result>,
    patienceMs = this.options.patienceMs ?? DEFAULT_MS,
  ): Promise<Result> {
    const endMs = this.clock.monotonicMs() + patienceMs;
    const backoff = new Backoff();
    for (;;) {
      try {
        const result = await call();
        this.#answered();
        return result;
      } catch (error) {
        if (isAnswer(error)) {
          this.#answered();
          throw error;
        }
        const failure = worldErrorOf(what, error);
        this.#failed(failure);
        const pauseMs = backoff.nextMs();
        if (failure.retry === 'never' || this.clock.monotonicMs() + pauseMs > endMs) throw failure;
        this.log.debug('EventStoreDB is asked again', { what, error: failure });
        await sleep(this.clock, pauseMs);
      }
    }
  }

  #answered(): void {
    if (this.#isAway) this.log.info('EventStoreDB answers again');
    this.#isAway = false;
  }

  /** Calls fail by the thousand while the server is away; one line says it. */
  #failed(error: WorldError): void {
    if (error.retry === 'never') return;
    if (!this.#isAway) this.log.warn('EventStoreDB does not answer', { error });
    this.#isAway = true;
  }

  /** The same for an append: who waits for it waits as long as a command is valid, and no longer. */
  patientAppend<Result>(
    what: string,
    lastMomentMs: number | undefined,
    call: () => Promise<Result>,
  ): Promise<Result> {
    const leftMs = (lastMomentMs ?? Infinity) - this.clock.monotonicMs();
    return this.patiently(what, call, Math.min(this.options.patienceMs ?? APPEND_MS, leftMs));
  }

  /** Ends all calls under way. */
  async close(): Promise<void> {
    await Promise.all([this.#readers.close(), this.followers.close(), this.appends.close()]);
  }

  /**
   * The outcome of a read, in limited time: the client has no limit for it. A client that is lost is replaced.
   */
  async limited<Result>(
    what: string,
    read: Promise<Result>,
    limitMs = this.#callTimeoutMs,
  ): Promise<Result> {
    const late = () => new WorldError(`${what}: no answer in ${limitMs} ms`, 'later');
    const client = this.#readers.current;
    try {
      return await within(this.clock, limitMs, read, late);
    } catch (error) {
      if (isLost(error)) this.#readers.replace(client);
      throw error;
    }
  }
}

function clientOf(url: Secret): KurrentDBClient {
  const text = connectionText(url);
  try {
    return KurrentDBClient.connectionString(text);
  } catch {
    // The client's own error shows the string, and the password in it.
    throw new WorldError("the address of EventStoreDB has a value that can't be used", 'never');
  }
}

function notThere(startTimeoutMs: number, cause: unknown): WorldError {
  return new WorldError(
    `no EventStoreDB after ${startTimeoutMs / 1_000} s: check that it runs and that EVENT_STORE_URL names it`,
    'later',
    { cause },
  );
}
