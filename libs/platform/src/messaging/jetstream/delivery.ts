import type { Msg, NatsConnection } from '@nats-io/transport-node';
import type { MessageHeaders } from '../message-bus.port.js';
import { headersOf } from '../nats/message-headers.js';

/** One delivery of a stored message to a consumer that has to answer for it. */
export interface Delivery {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: MessageHeaders;
  /** 1 on first delivery. */
  readonly deliveryCount: number;
  /** Place of the message in its stream. */
  readonly sequence: number;
  /** Done: never delivered again. */
  ack(): void;
  /** Deliver again, `delayMs` from now (default at once). */
  nak(delayMs?: number): void;
  /** Never deliver again, although it was not handled. */
  terminate(): void;
  /** Starts the ack wait anew. */
  extend(): void;
  /**
   * The same, resolved by the consumer's own answer: that a server is there says nothing of the one that keeps the
   * consumer. Rejects when there is none within `timeoutMs`.
   */
  extendConfirmed(timeoutMs: number): Promise<void>;
}

const NANOS_PER_MS = 1_000_000;
const EXTEND = '+WPI';

/** Reads a message that a pull has brought; the server tells the counts in the subject for the answer. */
export function deliveryOf(connection: NatsConnection, message: Msg): Delivery {
  const answerTo = message.reply ?? '';
  const [deliveryCount = 1, sequence = 0] = countsIn(answerTo);
  const answer = (body: string) => {
    // On a connection that is closed for good the ack wait decides.
    if (!connection.isClosed()) connection.publish(answerTo, body);
  };
  return {
    subject: message.subject,
    body: message.data,
    headers: headersOf(message),
    deliveryCount,
    sequence,
    ack: () => answer('+ACK'),
    nak: (delayMs = 0) =>
      answer(delayMs > 0 ? `-NAK {"delay": ${Math.ceil(delayMs * NANOS_PER_MS)}}` : '-NAK'),
    // Without a reason: nats-server 2.9 takes "+TERM <reason>" for no answer and delivers again. Since 2.11 it may
    // have one; add it when 2.9 need not work any more.
    terminate: () => answer('+TERM'),
    extend: () => answer(EXTEND),
    extendConfirmed: async (timeout) => {
      await connection.request(answerTo, EXTEND, { timeout });
    },
  };
}

// $JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.… or, from newer servers, with domain and account hash before
// the stream.
function countsIn(answerTo: string): number[] {
  const tokens = answerTo.split('.');
  const at = tokens.length > 9 ? 6 : 4;
  return tokens.slice(at, at + 2).map(Number);
}
