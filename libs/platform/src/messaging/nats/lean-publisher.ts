import { type Msg, type MsgHdrs } from '@nats-io/transport-node';
import { sleep, systemClock, type Clock } from '../../runtime/clock.js';
import { WorldError } from '../../runtime/world-error.js';
import type { NatsLink } from './nats-link.js';
import { NoLeaderError, parseAck, type PublishAck } from './publish-ack.js';

export interface LeanPublisherOptions {
  /** How long an ack, and before it a lost connection, is waited for. Default: 5,000. */
  readonly ackTimeoutMs?: number;
  readonly clock?: Clock;
}

interface Waiting {
  readonly subject: string;
  readonly deadlineMs: number;
  readonly resolve: (ack: PublishAck) => void;
  readonly reject: (error: unknown) => void;
}

const SWEEP_MS = 100;
/** An election takes from 0.1 s to some seconds. */
const LEADER_AGAIN_MS = 100;

/**
 * Publishes into JetStream with one reply subscription for all messages, acks matched by token and one timer for all
 * time-outs: several times the messages per second of a request per message.
 */
export class LeanPublisher {
  readonly #inbox: string;
  // In order of sending, which is the order of deadlines.
  readonly #waiting = new Map<string, Waiting>();
  readonly #ackTimeoutMs: number;
  readonly #clock: Clock;
  readonly #release: () => void;
  #count = 0;
  #cancelSweep: (() => void) | undefined;

  constructor(
    private readonly link: NatsLink,
    { ackTimeoutMs = 5_000, clock = systemClock }: LeanPublisherOptions = {},
  ) {
    this.#ackTimeoutMs = ackTimeoutMs;
    this.#clock = clock;
    this.#inbox = link.newInbox();
    const acks = link.connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => (error ? this.#failAll(error) : this.#settle(message)),
    });
    const stopListening = link.onLost(() => this.#failAll(new Error('connection lost')));
    this.#release = () => {
      stopListening();
      if (!link.connection.isClosed()) acks.unsubscribe();
    };
  }

  /**
   * Resolves when stored. A stream that has no leader is waited for as long as an ack. Nothing is sent after
   * `lastMomentMs`, monotonic milliseconds; then it is as unknown as without an ack.
   *
   * @throws SequenceConflictError when an expectation in the headers was not met
   * @throws OverloadedError when the stream is full; nothing was stored
   * @throws NoLeaderError when nobody took the message in that time
   * @throws WorldError `retry: 'later'` when it is unknown whether it was stored, `'never'` when it was refused
   */
  async publish(
    subject: string,
    body: string | Uint8Array,
    headers?: MsgHdrs,
    lastMomentMs = Infinity,
  ): Promise<PublishAck> {
    const endMs = this.#clock.monotonicMs() + this.#ackTimeoutMs;
    for (;;) {
      if (!this.link.isConnected()) await this.link.whenConnected(this.#ackTimeoutMs);
      if (this.#clock.monotonicMs() > lastMomentMs) throw tooLate(subject);
      try {
        return await this.#send(subject, body, headers);
      } catch (error) {
        const isLast = this.#clock.monotonicMs() + LEADER_AGAIN_MS > endMs;
        if (!(error instanceof NoLeaderError) || isLast) throw error;
      }
      await sleep(this.#clock, LEADER_AGAIN_MS);
    }
  }

  /** Gives up on the acks that are still awaited. */
  close(): void {
    this.#release();
    this.#failAll(new Error('publisher closed'));
  }

  #send(subject: string, body: string | Uint8Array, headers?: MsgHdrs): Promise<PublishAck> {
    return new Promise((resolve, reject) => {
      this.#count += 1;
      const token = this.#count.toString(36);
      const reply = `${this.#inbox}.${token}`;
      try {
        const options = headers === undefined ? { reply } : { reply, headers };
        this.link.connection.publish(subject, body, options);
      } catch (error) {
        reject(this.#refusedByClient(subject, body, error));
        return;
      }
      const deadlineMs = this.#clock.monotonicMs() + this.#ackTimeoutMs;
      this.#waiting.set(token, { subject, deadlineMs, resolve, reject });
      this.#cancelSweep ??= this.#clock.timer(SWEEP_MS, () => this.#sweep());
    });
  }

  #refusedByClient(subject: string, body: string | Uint8Array, error: unknown): WorldError {
    const tooLarge = error instanceof Error && error.name === 'InvalidArgumentError';
    if (!tooLarge) {
      return new WorldError(`${subject} was not sent: ${String(error)}`, 'later', { cause: error });
    }
    const size = `${Buffer.byteLength(body)} bytes and headers`;
    const limit = this.link.connection.info?.max_payload;
    return new WorldError(`${subject}: ${size} are over the server's limit of ${limit}`, 'never', {
      cause: error,
    });
  }

  #settle(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length + 1);
    const waiting = this.#waiting.get(token);
    if (waiting === undefined) return;
    this.#waiting.delete(token);
    try {
      waiting.resolve(parseAck(waiting.subject, message.string(), message.headers?.code));
    } catch (error) {
      waiting.reject(error);
    }
  }

  #sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [token, waiting] of this.#waiting) {
      if (waiting.deadlineMs > nowMs) break;
      this.#waiting.delete(token);
      waiting.reject(unknownOutcome(waiting.subject, `no ack in ${this.#ackTimeoutMs} ms`));
    }
    this.#cancelSweep =
      this.#waiting.size === 0 ? undefined : this.#clock.timer(SWEEP_MS, () => this.#sweep());
  }

  #failAll(cause: Error): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    for (const { subject, reject } of all) reject(unknownOutcome(subject, cause.message, cause));
  }
}

/** An earlier try of the same message may have been stored. */
function tooLate(subject: string): WorldError {
  return new WorldError(`${subject} was not sent in its time`, 'later');
}

function unknownOutcome(subject: string, reason: string, cause?: Error): WorldError {
  return new WorldError(`${subject} may or may not be stored: ${reason}`, 'later', { cause });
}
