import {
  BaseRpcContext,
  Server,
  type CustomTransportStrategy,
  type MessageHandler,
} from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import {
  DurableConsumer,
  type DurableConsumerOptions,
  type DurableMessage,
} from '../messaging/jetstream/durable-consumer.js';
import type { MessageHeaders } from '../messaging/message-bus.port.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { WorldError } from '../runtime/world-error.js';
import { JETSTREAM } from './on-message.js';

/** What a handler gets beside the data, with `@Ctx()`. */
export class JetStreamContext extends BaseRpcContext<[DurableMessage]> {
  get subject(): string {
    return this.args[0].subject;
  }

  get headers(): MessageHeaders {
    return this.args[0].headers;
  }

  /** 1 on the first try. */
  get attempt(): number {
    return this.args[0].attempt;
  }
}

/**
 * Nest transport over one durable consumer: each message goes to the handler of its subject, at least once. Nest's own
 * NATS transport is at most once.
 */
export class JetStreamStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = JETSTREAM;
  override readonly propagatesEventHandlerErrors = true;
  readonly #consumer: DurableConsumer;

  constructor(
    private readonly link: NatsLink,
    options: DurableConsumerOptions,
  ) {
    super();
    this.#consumer = new DurableConsumer(link, options, (message) => this.#dispatch(message));
  }

  listen(callback: () => void): void {
    this.#consumer.start();
    callback();
  }

  close(): Promise<void> {
    return this.#consumer.stop();
  }

  on(): never {
    throw new Error('the transport has no events; listen on the NatsLink');
  }

  unwrap<Connection>(): Connection {
    return this.link.connection as Connection;
  }

  async #dispatch(message: DurableMessage): Promise<void> {
    // Not getHandlerByPattern: it reads patterns as JSON first, and subjects are none.
    const handler: MessageHandler | undefined = this.messageHandlers.get(message.subject);
    if (handler === undefined) throw new WorldError(`no handler for ${message.subject}`, 'never');
    const result: unknown = await handler(message.data, new JetStreamContext([message]));
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
  }
}
