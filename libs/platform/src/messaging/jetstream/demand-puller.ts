import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { nanos, type Msg } from '@nats-io/transport-node';
import { systemClock, type Clock } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/logger.js';
import { noMetrics, type Counter, type Metrics } from '../../telemetry/metrics.port.js';
import type { NatsLink } from '../nats/nats-link.js';
import { deliveryOf, type Delivery } from './delivery.js';
import { streamManager } from './jetstream-streams.js';
import { PULL_EXPIRES_MS, PullSession } from './pull-session.js';

export interface PullOptions {
  readonly stream: string;
  /** Name of the consumer that all pullers share. */
  readonly durable: string;
  /** Subjects it takes. */
  readonly filter: string;
  /** A delivery that is neither answered nor extended for so long comes back. */
  readonly ackWaitMs: number;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Default: none are counted. */
  readonly metrics?: Metrics;
}

const CHECK_MS = 500;
/** High on purpose: demand is the limit, so that order and fairness stay with the sender. */
const MAX_ACK_PENDING = 65_536;

/**
 * Pulls from a durable consumer exactly as many messages as there are free slots: held + asked for ≤ demand, always.
 * Goes on by itself after time-outs, reconnects, restarts of the server and a deleted consumer.
 */
export class DemandPuller {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #redeliveries: Counter;
  #demand = 0;
  #held = 0;
  #onDelivery: (delivery: Delivery) => void = () => undefined;
  #session: PullSession | undefined;
  #opening = false;
  #stopped = false;
  #stopListening = (): void => undefined;
  #cancelCheck = (): void => undefined;

  constructor(
    private readonly link: NatsLink,
    private readonly options: PullOptions,
  ) {
    const { stream, durable, log, clock = systemClock, metrics = noMetrics } = options;
    this.#clock = clock;
    this.#log = log.child({ stream, durable });
    this.#redeliveries = metrics.counter('skynet_redeliveries', {
      description: 'Messages that were delivered before',
    });
  }

  /** Call once. Each delivery must lead to one `release`. */
  start(demand: number, onDelivery: (delivery: Delivery) => void): void {
    this.#demand = demand;
    this.#onDelivery = onDelivery;
    const stopLost = this.link.onLost(() => this.#end());
    const stopRestored = this.link.onRestored(() => void this.#open());
    this.#stopListening = () => {
      stopLost();
      stopRestored();
    };
    this.#check();
  }

  /** A delivery is finished and its slot free. */
  release(): void {
    this.#held -= 1;
    this.#pull();
  }

  /** Stops pulling, within a second; messages that were on their way go back to the queue. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopListening();
    this.#cancelCheck();
    const session = this.#session;
    this.#session = undefined;
    await session?.drain();
  }

  /** Opens a session when there is none, ends one that the server has forgotten, and looks again soon. */
  #check(): void {
    if (this.#session?.isForgotten()) {
      this.#log.warn('pull requests were not answered');
      this.#end();
    }
    if (this.#session?.dropEnded()) this.#pull();
    void this.#open();
    this.#cancelCheck = this.#clock.timer(CHECK_MS, () => this.#check());
  }

  async #open(): Promise<void> {
    if (this.#opening || this.#session || !this.#mayOpen()) return;
    this.#opening = true;
    try {
      await this.link.untilLost(this.#ensureConsumer());
      if (!this.#mayOpen()) return;
      this.#session = this.#newSession();
      this.#pull();
    } catch (error) {
      // The next check tries again.
      this.#log.warn('consumer is not ready', { error });
    } finally {
      this.#opening = false;
    }
  }

  #mayOpen(): boolean {
    return !this.#stopped && this.link.isConnected();
  }

  async #ensureConsumer(): Promise<void> {
    const { stream, durable, filter, ackWaitMs } = this.options;
    const manager = await streamManager(this.link.connection);
    await manager.consumers.add(stream, {
      durable_name: durable,
      filter_subject: filter,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ackWaitMs),
      deliver_policy: DeliverPolicy.All,
      max_deliver: -1,
      max_ack_pending: MAX_ACK_PENDING,
    });
  }

  #newSession(): PullSession {
    const { stream, durable: name } = this.options;
    const session: PullSession = new PullSession(this.link, { stream, name }, this.#clock, {
      onMessage: (message) => this.#receive(session, message),
      onRequestEnd: () => this.#pull(),
      onBroken: (reason) => {
        if (session !== this.#session) return;
        this.#log.warn('pull requests ended', { reason });
        this.#end();
      },
    });
    return session;
  }

  #end(): void {
    this.#session?.end();
    this.#session = undefined;
  }

  #pull(): void {
    const session = this.#session;
    if (session === undefined) return;
    const free = this.#demand - this.#held;
    // Half the free slots are asked for already: waiting for those bounds the requests that wait on the server.
    if (session.outstanding * 2 > free) return;
    if (free > session.outstanding) session.ask(free - session.outstanding);
  }

  #receive(session: PullSession, message: Msg): void {
    const delivery = deliveryOf(this.link.connection, message);
    if (session !== this.#session) {
      // Only after our own requests have ended, or it would come here again.
      delivery.nak(PULL_EXPIRES_MS);
      return;
    }
    this.#held += 1;
    if (delivery.deliveryCount > 1) {
      this.#redeliveries.add(1, { stream: this.options.stream });
    }
    try {
      this.#onDelivery(delivery);
    } catch (error) {
      this.#log.error('delivery was not taken', { subject: delivery.subject, error });
      delivery.nak(CHECK_MS);
      this.#held -= 1;
    }
    this.#pull();
  }
}
