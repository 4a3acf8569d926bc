import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { subjects } from '@skynet/contracts';
import type { Logger } from '../../runtime/logger.js';
import { noMetrics, type Counter, type Metrics } from '../../telemetry/metrics.port.js';
import type { LeanPublisher } from '../nats/lean-publisher.js';
import type { Delivery } from './delivery.js';

/** Headers of a dead letter, beside those that the message came with. */
const deadLetterHeaders = {
  reason: 'Skynet-Reason',
  attempts: 'Skynet-Attempts',
  subject: 'Skynet-Subject',
} as const;

const REASON_MAX_CHARS = 500;
const STORE_RETRY_MS = 5_000;

/** Keeps messages that can't be handled, whole, for a person to look at. */
export class DeadLetters {
  readonly #buried: Counter;

  constructor(
    private readonly publisher: LeanPublisher,
    private readonly log: Logger,
    metrics: Metrics = noMetrics,
  ) {
    this.#buried = metrics.counter('skynet_dead_letters', {
      description: 'Messages put away for a person to look at',
    });
  }

  /** Takes the message out of its stream once it is stored as a dead letter; until then it stays where it is. */
  async bury(delivery: Delivery, reason: string): Promise<void> {
    const { subject, deliveryCount, body } = delivery;
    this.log.error('message goes to the dead letters', { subject, deliveryCount, reason });
    try {
      await this.publisher.publish(
        subjects.deadLetter(subject),
        body,
        headersOfDeadLetter(delivery, reason),
      );
      delivery.terminate();
      this.#buried.add(1, { subject: subject.split('.').slice(0, 2).join('.') });
    } catch (error) {
      this.log.error('dead letter is not stored yet', { subject, error });
      delivery.nak(STORE_RETRY_MS);
    }
  }
}

function headersOfDeadLetter(delivery: Delivery, reason: string): MsgHdrs {
  const all = headers();
  for (const [name, value] of Object.entries(delivery.headers)) {
    // Expectations and ids for the server were meant for the first stream.
    if (!name.startsWith('Nats-')) all.set(name, value);
  }
  all.set(deadLetterHeaders.reason, reason.replace(/\s+/g, ' ').slice(0, REASON_MAX_CHARS));
  all.set(deadLetterHeaders.attempts, String(delivery.deliveryCount));
  all.set(deadLetterHeaders.subject, delivery.subject);
  all.set('Nats-Msg-Id', `${delivery.subject}#${delivery.sequence}`);
  return all;
}
