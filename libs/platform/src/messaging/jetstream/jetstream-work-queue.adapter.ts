import type { Clock } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/logger.js';
import type { Metrics } from '../../telemetry/metrics.port.js';
import { WorldError } from '../../runtime/world-error.js';
import type { NatsLink } from '../nats/nats-link.js';
import type { WorkItem, WorkQueue } from '../work-queue.port.js';
import type { DeadLetters } from './dead-letters.js';
import type { Delivery } from './delivery.js';
import { DemandPuller } from './demand-puller.js';
import { parseBody } from './parse-body.js';

export interface WorkQueueOptions {
  readonly stream: string;
  /** Name of the consumer that all workers of one class share. */
  readonly durable: string;
  /** Subjects of the items, for example `run.default.*`. */
  readonly filter: string;
  /** The lease, milliseconds. Default: 4,000. */
  readonly ackWaitMs?: number;
  readonly deadLetters: DeadLetters;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly metrics?: Metrics;
}

const EXTEND_TIMEOUT_MS = 2_000;

/** Work items of one JetStream work queue. */
export class JetStreamWorkQueue implements WorkQueue {
  readonly #puller: DemandPuller;

  constructor(
    private readonly link: NatsLink,
    private readonly options: WorkQueueOptions,
  ) {
    this.#puller = new DemandPuller(link, { ackWaitMs: 4_000, ...options });
  }

  start(demand: number, onItem: (item: WorkItem) => void): void {
    this.#puller.start(demand, (delivery) => {
      const parsed = parseBody(delivery.body);
      if ('data' in parsed) {
        onItem(this.#itemOf(delivery, parsed.data));
        return;
      }
      this.release();
      void this.options.deadLetters.bury(delivery, parsed.problem);
    });
  }

  release(): void {
    this.#puller.release();
  }

  stop(): Promise<void> {
    return this.#puller.stop();
  }

  #itemOf(delivery: Delivery, data: unknown): WorkItem {
    return {
      subject: delivery.subject,
      data,
      deliveryCount: delivery.deliveryCount,
      ack: () => delivery.ack(),
      nak: (delayMs) => delivery.nak(delayMs),
      extend: () => this.#extend(delivery),
    };
  }

  async #extend(delivery: Delivery): Promise<void> {
    if (!this.link.isConnected()) throw new WorldError('NATS is away', 'later');
    try {
      await this.link.untilLost(delivery.extendConfirmed(EXTEND_TIMEOUT_MS));
    } catch (error) {
      if (error instanceof WorldError) throw error;
      throw new WorldError('the lease was not extended', 'later', { cause: error });
    }
  }
}
