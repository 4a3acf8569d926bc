import {
  AckPolicy,
  DeliverPolicy,
  type ConsumerConfig,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { nanos, nuid, type Msg, type MsgHdrs } from '@nats-io/transport-node';
import { systemClock, type Clock } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/logger.js';
import { WorldError } from '../../runtime/world-error.js';
import type { NatsLink } from '../nats/nats-link.js';
import { untilItPasses } from '../nats/passing-failure.js';
import { PullSession } from '../jetstream/pull-session.js';
import { endOf, isGone, placeOf } from './reader-places.js';

export interface ReaderOptions {
  readonly stream: string;
  /** One pattern; nats-server 2.9 knows no list of them. Default: all subjects. */
  readonly filter?: string;
  /** Reads only what is stored behind this place. Default: from the start. */
  readonly after?: number;
  /**
   * Has caught up only when it has read what is last in the stream then, not what was last when reading began. A subject
   * that keeps one message is then never missed: written anew, it moved behind what was last. Not together with `filter`.
   */
  readonly whole?: boolean;
  /** Leaves the bodies out. */
  readonly headersOnly?: boolean;
  readonly log: Logger;
  readonly clock?: Clock;
}

/** A message in its stream. */
export interface ReadMessage {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: MsgHdrs | undefined;
  readonly sequence: number;
}

export interface ReadStep {
  readonly message?: ReadMessage;
  /** Whatever was in the stream when reading began has been read with this step; `whole`: whatever is in it. */
  readonly caughtUp: boolean;
}

const BUFFER = 256;
const CHECK_MS = 1_000;
const CONSUMER_FORGOTTEN_MS = 60_000;

/**
 * Reads a stream in order, without gaps and without acks, and follows it for ever. When the server, the connection or
 * the consumer goes away it goes on behind the last message read.
 *
 * Not the vendor's ordered consumer: that of @nats-io/jetstream 3.4.0 keeps its count of requested messages when it is
 * made anew after a restart of the server, asks for none, and stands still until two heartbeats of 15 s are missed.
 * Go back to it when its reset clears that count.
 */
export class OrderedReader {
  readonly #clock: Clock;
  readonly #buffer: ReadStep[] = [];
  readonly #stopListening: (() => void)[] = [];
  #session: PullSession | undefined;
  #last: number;
  #delivered = 0;
  #caughtUp = false;
  #target: number;
  #isLookingBehind = false;
  /** How many had been received when some that the server had sent were missing. */
  #receivedBefore = -1;
  #opening: Promise<void> | undefined;
  #failure: Error | undefined;
  #stopped = false;
  #wake = (): void => undefined;
  #cancelCheck = (): void => undefined;

  private constructor(
    private readonly link: NatsLink,
    private readonly manager: JetStreamManager,
    private readonly options: ReaderOptions,
    target: number,
  ) {
    this.#target = target;
    this.#clock = options.clock ?? systemClock;
    this.#last = options.after ?? 0;
  }

  /**
   * A leader that is being elected is waited for: right after its election it may leave a request without an answer.
   *
   * @throws WorldError when the stream can't be read
   */
  static async open(
    link: NatsLink,
    manager: JetStreamManager,
    options: ReaderOptions,
  ): Promise<OrderedReader> {
    const isClosed = () => link.connection.isClosed();
    try {
      return await untilItPasses(async () => {
        const reader = new OrderedReader(link, manager, options, await endOf(manager, options));
        await reader.#openSession();
        if (reader.#target <= reader.#last) reader.#reachEnd();
        reader.#follow();
        return reader;
      }, isClosed);
    } catch (error) {
      throw new WorldError(`${options.stream} can't be read`, 'later', { cause: error });
    }
  }

  /** Ends when stopped; throws when the stream is gone for good. To be iterated once. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ReadStep, void, undefined> {
    try {
      while (!this.#stopped) {
        const step = this.#buffer.shift();
        if (step) {
          yield step;
          this.#pull();
        } else if (this.#failure) throw this.#failure;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.stop();
    }
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancelCheck();
    for (const stop of this.#stopListening) stop();
    this.#endSession();
    this.#wake();
  }

  #follow(): void {
    this.#stopListening.push(
      this.link.onLost(() => this.#endSession()),
      this.link.onRestored(() => this.#reopen()),
    );
    this.#check();
  }

  #check(): void {
    if (this.#session?.isForgotten()) this.#endSession();
    else if (this.#session?.dropEnded()) this.#pull();
    this.#reopen();
    void this.#lookForTheEnd();
    this.#cancelCheck = this.#clock.timer(CHECK_MS, () => this.#check());
  }

  /** The last messages may have expired on the server before they were read; then none tells that it was the last. */
  async #lookForTheEnd(): Promise<void> {
    const session = this.#session;
    if (this.#caughtUp || session === undefined) return;
    try {
      const end = await endOf(this.manager, this.options);
      const { num_pending, delivered } = await this.manager.consumers.info(
        this.options.stream,
        session.name,
      );
      if (session !== this.#session || this.#caughtUp || this.#buffer.length > 0) return;
      if (end <= this.#last) this.#reachEnd();
      // The news may overtake messages that the server has sent before them.
      else if (num_pending === 0 && delivered.consumer_seq !== this.#delivered) {
        this.#readAgainIfLost();
      }
    } catch (error) {
      this.options.log.debug('reader has no news of its consumer', { error });
    }
  }

  /** What does not come from one look to the next was lost on the way. */
  #readAgainIfLost(): void {
    const isLost = this.#receivedBefore === this.#delivered;
    this.#receivedBefore = this.#delivered;
    if (!isLost) return;
    this.#endSession();
    this.#reopen();
  }

  #reopen(): void {
    if (this.#session || this.#opening || this.#stopped || !this.link.isConnected()) return;
    this.#opening = this.#openSession()
      .then(
        () => undefined,
        (error: unknown) => this.#judge(error),
      )
      .finally(() => {
        this.#opening = undefined;
      });
  }

  #judge(error: unknown): void {
    const { stream, log } = this.options;
    if (isGone(error)) {
      this.#failure = new WorldError(`stream ${stream} is gone`, 'never', { cause: error });
      this.#wake();
    } else log.warn('stream is not readable now', { stream, error });
  }

  /** Makes a consumer behind the last message read. */
  async #openSession(): Promise<void> {
    const { stream } = this.options;
    const adding = this.manager.consumers.add(stream, this.#consumerConfig());
    const consumer = await this.link.untilLost(adding);
    if (this.#stopped) return;
    this.#delivered = 0;
    this.#receivedBefore = -1;
    const session: PullSession = new PullSession(
      this.link,
      { stream, name: consumer.name },
      this.#clock,
      {
        onMessage: (message) => {
          if (session === this.#session) this.#receive(message);
        },
        onRequestEnd: () => this.#pull(),
        onBroken: () => {
          if (session === this.#session) this.#endSession();
        },
      },
    );
    this.#session = session;
    this.#pull();
  }

  #consumerConfig(): Partial<ConsumerConfig> {
    const { filter, headersOnly = false } = this.options;
    return {
      name: `reader_${nuid.next()}`,
      ack_policy: AckPolicy.None,
      max_deliver: 1,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: nanos(CONSUMER_FORGOTTEN_MS),
      ...(headersOnly && { headers_only: true }),
      ...(filter !== undefined && { filter_subject: filter }),
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: this.#last + 1,
    };
  }

  #endSession(): void {
    this.#session?.end();
    this.#session = undefined;
  }

  #pull(): void {
    const session = this.#session;
    if (session === undefined) return;
    const expected = session.outstanding + this.#buffer.length;
    if (expected * 2 <= BUFFER) session.ask(BUFFER - expected);
  }

  #receive(message: Msg): void {
    const { delivered, sequence } = placeOf(message.reply ?? '');
    this.#delivered += 1;
    if (delivered !== this.#delivered) {
      // Messages got lost on the way: read them again.
      this.#endSession();
      this.#reopen();
      return;
    }
    if (sequence <= this.#last) {
      // A consumer on a copy that has less than was read begins at the end of that copy.
      this.#pull();
      return;
    }
    this.#last = sequence;
    // Not from what is pending: that is what the copy with the consumer knows, which may be behind.
    const isEnd = sequence >= this.#target;
    const { subject, data: body, headers } = message;
    const caughtUp = isEnd && this.options.whole !== true;
    this.#emit({ caughtUp, message: { subject, body, headers, sequence } });
    if (isEnd && !caughtUp) void this.#lookBehind();
  }

  #reachEnd(): void {
    if (this.options.whole === true) void this.#lookBehind();
    else this.#emit({ caughtUp: true });
  }

  /** What was written during the reading stands behind its end, and belongs to the whole. */
  async #lookBehind(): Promise<void> {
    if (this.#caughtUp || this.#isLookingBehind) return;
    this.#isLookingBehind = true;
    try {
      const end = await endOf(this.manager, this.options);
      if (this.#last >= end) this.#emit({ caughtUp: true });
      else this.#target = end;
    } catch (error) {
      this.options.log.debug('reader does not know where its stream ends', { error });
    } finally {
      this.#isLookingBehind = false;
    }
  }

  #emit(step: ReadStep): void {
    this.#caughtUp ||= step.caughtUp;
    this.#buffer.push(step);
    this.#wake();
  }
}
