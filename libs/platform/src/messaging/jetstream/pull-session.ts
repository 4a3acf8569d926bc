import { nanos, type Msg, type Subscription } from '@nats-io/transport-node';
import { within, type Clock } from '../../runtime/clock.js';
import type { NatsLink } from '../nats/nats-link.js';
import { OpenRequests } from './open-requests.js';

/** Who hears of a session. */
export interface PullListener {
  onMessage(message: Msg): void;
  /** A request ended without bringing all it asked for. */
  onRequestEnd(): void;
  /** The server has dropped the consumer or the request in a way that only a new session heals. */
  onBroken(reason: string): void;
}

/**
 * How long a request waits for messages. Short, because nobody can take a request back, and nats-server 2.9.10 loses
 * count over requests whose client is gone: a redelivery that finds only those is put off by a whole ack wait, and
 * another message is delivered again as if for the first time. May grow once 2.9 need not work any more.
 */
export const PULL_EXPIRES_MS = 500;
/** A request's end is on its way no longer than this. */
const REQUEST_MAX_MS = PULL_EXPIRES_MS + 500;
const SILENCE_MS = PULL_EXPIRES_MS + 2_000;

/**
 * One subscription's worth of pull requests to one consumer, with an exact count of the messages that were asked for
 * and have not arrived. A lost connection ends a session: requests die with it.
 */
export class PullSession {
  readonly #inbox: string;
  readonly #subscription: Subscription;
  readonly #requests = new OpenRequests(REQUEST_MAX_MS);
  /** When the server was first asked since it last answered. */
  #unansweredSinceMs: number | undefined;
  #onDrained = (): void => undefined;

  constructor(
    private readonly link: NatsLink,
    private readonly consumer: { readonly stream: string; readonly name: string },
    private readonly clock: Clock,
    private readonly listener: PullListener,
  ) {
    this.#inbox = link.newInbox();
    this.#subscription = link.connection.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (error) listener.onBroken(error.message);
        else this.#receive(message);
      },
    });
  }

  /** Name of the consumer. */
  get name(): string {
    return this.consumer.name;
  }

  /** Messages asked for and not yet arrived. */
  get outstanding(): number {
    return this.#requests.outstanding;
  }

  ask(batch: number): void {
    const nowMs = this.clock.monotonicMs();
    this.#requests.asked(batch, nowMs);
    this.#unansweredSinceMs ??= nowMs;
    const { stream, name } = this.consumer;
    this.link.connection.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`,
      JSON.stringify({ batch, expires: nanos(PULL_EXPIRES_MS) }),
      { reply: this.#inbox },
    );
  }

  /** Stops counting requests that must have ended although nobody said so; whether there were any. */
  dropEnded(): boolean {
    return this.#requests.dropEnded(this.clock.monotonicMs());
  }

  /** Not a word came since requests were made, although each of them must have ended: they reach nobody. */
  isForgotten(): boolean {
    const since = this.#unansweredSinceMs;
    return since !== undefined && this.clock.monotonicMs() - since > SILENCE_MS;
  }

  /** Drops what is on its way. */
  end(): void {
    if (!this.#subscription.isClosed()) this.#subscription.unsubscribe();
  }

  /** To be called after the last `ask`: resolves when every request has brought its messages or ended. */
  async drain(): Promise<void> {
    if (this.outstanding > 0 && this.link.isConnected()) {
      const drained = new Promise<void>((resolve) => (this.#onDrained = resolve));
      const late = () => new Error('requests did not end');
      const ended = within(this.clock, SILENCE_MS, this.link.untilLost(drained), late);
      await ended.catch(() => undefined);
    }
    this.end();
  }

  #receive(message: Msg): void {
    this.#unansweredSinceMs = undefined;
    if (message.subject === this.#inbox) this.#receiveStatus(message);
    else {
      this.#requests.arrived();
      this.listener.onMessage(message);
    }
    if (this.outstanding === 0) this.#onDrained();
  }

  #receiveStatus(message: Msg): void {
    // The end of a request names how many messages it did not bring.
    const left = message.headers?.get('Nats-Pending-Messages');
    if (left) {
      this.#requests.ended(Number(left));
      this.listener.onRequestEnd();
      return;
    }
    const { code = 0, description = '' } = message.headers ?? {};
    this.listener.onBroken(`${code} ${description}`.trim());
  }
}
