import { auditEntrySchema, streams, subjects } from '@skynet/contracts';
import { streamManager } from '../messaging/jetstream/jetstream-streams.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { OrderedReader, type ReadMessage } from '../messaging/reading/ordered-reader.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { Arrival, AuditIntake, IntakePlace } from './audit-intake.port.js';

export interface AuditIntakeOptions {
  readonly clock: Clock;
  readonly log: Logger;
}

const MOST_AT_ONCE = 100;
const PREFIX = subjects.audit('x').slice(0, -1);

/** The stream AUDIT. */
export class JetStreamAuditIntake implements AuditIntake {
  constructor(
    private readonly link: NatsLink,
    private readonly options: AuditIntakeOptions,
  ) {}

  async *after(
    place: IntakePlace | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Arrival[], void, undefined> {
    const stream = await this.streamNow();
    const reader = await OrderedReader.open(this.link, await streamManager(this.link.connection), {
      ...this.options,
      stream: streams.audit,
      after: place?.stream === stream ? place.sequence : 0,
    });
    const stop = () => reader.stop();
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    try {
      for await (const steps of together(reader)) {
        const messages = steps.flatMap(({ message }) => message ?? []);
        if (messages.length > 0) yield messages.map((message) => arrivalOf(message, stream));
      }
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
    }
  }

  async forget({ stream, sequence }: IntakePlace): Promise<void> {
    if ((await this.streamNow()) !== stream) return;
    const manager = await streamManager(this.link.connection);
    await manager.streams.purge(streams.audit, { seq: sequence + 1 });
  }

  /** Sequences count anew in a stream that was made anew. */
  private async streamNow(): Promise<string> {
    const manager = await streamManager(this.link.connection);
    const { created } = await manager.streams.info(streams.audit);
    return `${streams.audit} ${created}`;
  }
}

/** Hands over what is there already in one piece. */
async function* together<Item>(
  items: AsyncIterable<Item>,
): AsyncGenerator<readonly Item[], void, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  let next = iterator.next();
  for (;;) {
    const first = await next;
    if (first.done === true) return;
    const piece = [first.value];
    next = iterator.next();
    while (piece.length < MOST_AT_ONCE) {
      const more = await Promise.race([next, soon()]);
      if (more === undefined || more.done === true) break;
      piece.push(more.value);
      next = iterator.next();
    }
    yield piece;
  }
}

const soon = () => new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)));

function arrivalOf({ subject, body, sequence }: ReadMessage, stream: string): Arrival {
  const place = { stream, sequence };
  // The right to publish there is the service's own.
  const service = subject.slice(PREFIX.length).slice(0, 64);
  try {
    const entry = auditEntrySchema.parse(JSON.parse(new TextDecoder().decode(body)));
    return { kind: 'entry', received: { service, entry, source: place } };
  } catch {
    return { kind: 'damaged', place, service };
  }
}
