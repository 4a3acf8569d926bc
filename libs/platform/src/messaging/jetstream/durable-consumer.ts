import { backoffMs as pauseMs } from '../../runtime/backoff.js';
import { systemClock, within, type Clock } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/logger.js';
import { WorldError } from '../../runtime/world-error.js';
import type { Metrics } from '../../telemetry/metrics.port.js';
import type { BusMessage } from '../message-bus.port.js';
import type { NatsLink } from '../nats/nats-link.js';
import type { DeadLetters } from './dead-letters.js';
import type { Delivery } from './delivery.js';
import { DemandPuller } from './demand-puller.js';
import { parseBody } from './parse-body.js';

/** A durable message on its way to its handler. */
export interface DurableMessage extends BusMessage {
  /** 1 on the first try. */
  readonly attempt: number;
}

export interface DurableConsumerOptions {
  readonly stream: string;
  /** Name of the consumer that all replicas of the service share. */
  readonly durable: string;
  /** Subjects it takes, for example `cmd.agents.*`. */
  readonly filter: string;
  /** Messages handled at once. Default: 64. */
  readonly concurrency?: number;
  /** A replica that is silent for so long loses its messages to another one. Default: 10,000. */
  readonly ackWaitMs?: number;
  /** Tries before a message goes to the dead letters; what the world prevented for now is tried for ever. Default: 5. */
  readonly maxDeliver?: number;
  /** Pause before the try that follows this one. Default: 100 ms, doubled each time, up to 2 s, and up to half less by chance. */
  readonly backoffMs?: (attempt: number) => number;
  /** How long `stop` waits for what is under way. Default: 8,000. */
  readonly drainMs?: number;
  readonly deadLetters: DeadLetters;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly metrics?: Metrics;
}

const BACKOFF = { firstMs: 100, longestMs: 2_000 };

const defaults = {
  concurrency: 64,
  ackWaitMs: 10_000,
  maxDeliver: 5,
  backoffMs: (attempt: number) => pauseMs(attempt - 1, BACKOFF),
  drainMs: 8_000,
  clock: systemClock,
};

/**
 * Hands each message to the handler until that succeeds once: retried with growing pauses, then kept as a dead letter.
 * At once a dead letter: what is no JSON, and what the handler refuses with a WorldError `retry: 'never'`.
 */
export class DurableConsumer {
  readonly #options: DurableConsumerOptions & typeof defaults;
  readonly #puller: DemandPuller;
  readonly #underWay = new Set<Promise<void>>();
  readonly #extending = new Set<() => void>();

  constructor(
    link: NatsLink,
    options: DurableConsumerOptions,
    private readonly handle: (message: DurableMessage) => Promise<void>,
  ) {
    this.#options = { ...defaults, ...options };
    this.#puller = new DemandPuller(link, this.#options);
  }

  start(): void {
    this.#puller.start(this.#options.concurrency, (delivery) => {
      const work = this.#attempt(delivery).finally(() => {
        this.#underWay.delete(work);
        this.#puller.release();
      });
      this.#underWay.add(work);
    });
  }

  /** Takes nothing new and waits for what is under way; what is left then comes back to another replica. */
  async stop(): Promise<void> {
    const { clock, drainMs, log, durable } = this.#options;
    await this.#puller.stop();
    const late = () => new Error(`${this.#underWay.size} messages are still under way`);
    await within(clock, drainMs, Promise.all(this.#underWay), late).catch((error: unknown) => {
      log.warn('stopped before all messages were handled', { durable, error });
    });
    for (const stopExtending of this.#extending) stopExtending();
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { deadLetters } = this.#options;
    const parsed = parseBody(delivery.body);
    if ('problem' in parsed) return deadLetters.bury(delivery, parsed.problem);
    const stopExtending = this.#keepExtending(delivery);
    try {
      const { subject, headers, deliveryCount: attempt } = delivery;
      await this.handle({ subject, headers, attempt, data: parsed.data });
    } catch (error) {
      return await this.#retryOrBury(delivery, error);
    } finally {
      stopExtending();
    }
    delivery.ack();
  }

  #keepExtending(delivery: Delivery): () => void {
    const { clock, ackWaitMs } = this.#options;
    const extendLater = (): (() => void) =>
      clock.timer(ackWaitMs / 3, () => {
        delivery.extend();
        cancel = extendLater();
      });
    let cancel = extendLater();
    const stopExtending = () => {
      cancel();
      this.#extending.delete(stopExtending);
    };
    this.#extending.add(stopExtending);
    return stopExtending;
  }

  async #retryOrBury(delivery: Delivery, error: unknown): Promise<void> {
    const { maxDeliver, backoffMs, deadLetters, log } = this.#options;
    const { subject, deliveryCount: attempt } = delivery;
    const retry = error instanceof WorldError ? error.retry : undefined;
    // An election, a store that is away: what waits for it is no dead letter. Commands expire by themselves.
    const isHopeless = retry === 'never' || (retry === undefined && attempt >= maxDeliver);
    if (isHopeless) {
      return deadLetters.bury(delivery, error instanceof Error ? error.message : String(error));
    }
    log.warn('message failed and is tried again', { subject, attempt, error });
    delivery.nak(backoffMs(attempt));
  }
}
