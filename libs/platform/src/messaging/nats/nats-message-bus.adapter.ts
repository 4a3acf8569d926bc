import {
  headers as newHeaders,
  NoRespondersError,
  RequestError,
  TimeoutError,
  type Msg,
  type MsgHdrs,
} from '@nats-io/transport-node';
import type { Logger } from '../../runtime/logger.js';
import { systemClock, within } from '../../runtime/clock.js';
import { WorldError } from '../../runtime/world-error.js';
import { headersOf } from './message-headers.js';
import type {
  BusMessage,
  MessageBus,
  MessageHeaders,
  PublishOptions,
} from '../message-bus.port.js';
import { answerOf, replyOf } from '../request-reply.js';
import type { LeanPublisher } from './lean-publisher.js';
import type { NatsLink } from './nats-link.js';

const CLOSE_LIMIT_MS = 2_000;

/** Messages over one NATS connection. */
export class NatsMessageBus implements MessageBus {
  readonly closed: Promise<void>;
  readonly #stops = new Set<() => void>();
  readonly #answering = new Set<Promise<void>>();

  constructor(
    private readonly link: NatsLink,
    private readonly publisher: LeanPublisher,
    private readonly log: Logger,
  ) {
    this.closed = link.closed;
  }

  async publish(subject: string, data: unknown, options: PublishOptions = {}): Promise<void> {
    await this.publisher.publish(subject, jsonOf(data), natsHeaders(options));
  }

  hint(subject: string, data: unknown): void {
    if (this.link.connection.isClosed()) return;
    this.link.connection.publish(subject, jsonOf(data));
  }

  reply(inbox: string, data: unknown): void {
    this.hint(inbox, data);
  }

  onHint(subject: string, handler: (message: BusMessage) => void): () => void {
    return this.#subscribe(subject, undefined, (message) => {
      const decoded = this.#decode(message);
      if (decoded) handler(decoded);
    });
  }

  async request(
    subject: string,
    data: unknown,
    { timeoutMs = 2_000 }: { timeoutMs?: number } = {},
  ): Promise<unknown> {
    let reply: Msg;
    try {
      await this.link.whenConnected(timeoutMs);
      const asking = this.link.connection.request(subject, jsonOf(data), { timeout: timeoutMs });
      reply = await this.link.untilLost(asking);
    } catch (error) {
      throw new WorldError(`${subject}: ${reasonOf(error, timeoutMs)}`, 'later', { cause: error });
    }
    return answerOf(subject, this.#decode(reply)?.data);
  }

  serve(
    subject: string,
    queue: string,
    handler: (message: BusMessage) => Promise<unknown>,
  ): () => void {
    return this.#subscribe(subject, queue, (message) => {
      const answering = this.#answer(message, handler)
        .catch((error: unknown) => this.log.warn('a request has no answer', { subject, error }))
        .finally(() => this.#answering.delete(answering));
      this.#answering.add(answering);
    });
  }

  openInbox(handler: (message: BusMessage) => void): { readonly subject: string; close(): void } {
    const subject = this.link.newInbox();
    return { subject, close: this.onHint(subject, handler) };
  }

  whenAnswering(withinMs: number): Promise<void> {
    return this.link.whenAnswering(withinMs);
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    const answered = Promise.allSettled(this.#answering);
    const late = () => new WorldError(`${this.#answering.size} requests are not answered`, 'later');
    await within(systemClock, CLOSE_LIMIT_MS, answered, late).catch((error: unknown) => {
      this.log.warn('closed before all requests were answered', { error });
    });
    await this.link.close();
  }

  async #answer(message: Msg, handler: (message: BusMessage) => Promise<unknown>): Promise<void> {
    const request = this.#decode(message);
    const body = await replyOf(async () => {
      if (request === undefined) throw new WorldError('the request is no JSON', 'never');
      return handler(request);
    });
    if (this.link.connection.isClosed()) return;
    try {
      message.respond(jsonOf(body));
    } catch (cause) {
      const unsent = new WorldError('the answer is more than one message holds', 'never', {
        cause,
      });
      message.respond(jsonOf(await replyOf(() => Promise.reject(unsent))));
      throw cause;
    }
  }

  #subscribe(subject: string, queue: string | undefined, callback: (message: Msg) => void) {
    const subscription = this.link.connection.subscribe(subject, {
      ...(queue !== undefined && { queue }),
      callback: (error, message) => {
        if (error) this.log.error('subscription was refused', { subject, error });
        else this.#call(callback, message);
      },
    });
    const stop = () => {
      this.#stops.delete(stop);
      if (!subscription.isClosed()) subscription.unsubscribe();
    };
    this.#stops.add(stop);
    return stop;
  }

  /** An error that escapes here would end the vendor's read loop, and with it every subscription. */
  #call(callback: (message: Msg) => void, message: Msg): void {
    try {
      callback(message);
    } catch (error) {
      this.log.error('message handler failed', { subject: message.subject, error });
    }
  }

  #decode(message: Msg): BusMessage | undefined {
    try {
      return { subject: message.subject, data: message.json(), headers: headersOf(message) };
    } catch (error) {
      this.log.warn('message is no JSON', { subject: message.subject, error });
      return undefined;
    }
  }
}

function jsonOf(data: unknown): string {
  return JSON.stringify(data ?? null);
}

function natsHeaders({ headers, id }: PublishOptions): MsgHdrs | undefined {
  if (headers === undefined && id === undefined) return undefined;
  const all = newHeaders();
  const given: MessageHeaders = { ...headers, ...(id !== undefined && { 'Nats-Msg-Id': id }) };
  for (const [name, value] of Object.entries(given)) all.set(name, value);
  return all;
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof TimeoutError) return `no answer within ${timeoutMs} ms`;
  const nobody = error instanceof RequestError && error.isNoResponders();
  return nobody || error instanceof NoRespondersError ? 'nobody serves it' : error.message;
}
