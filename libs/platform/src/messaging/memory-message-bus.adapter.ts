import { randomUUID } from 'node:crypto';
import { systemClock, within, type Clock } from '../runtime/clock.js';
import { WorldError } from '../runtime/world-error.js';
import type { BusMessage, MessageBus, MessageHeaders, PublishOptions } from './message-bus.port.js';
import { OverloadedError } from './overloaded-error.js';
import { answerOf, replyOf } from './request-reply.js';
import { subjectMatches } from './subject-match.js';

type Listener = (message: BusMessage) => void;
type Server = (message: BusMessage) => Promise<unknown>;

/** What buses in memory share, as the services of one machine share a server. */
export class MemoryBroker {
  /** Durable messages in the order of publishing. */
  readonly published: (BusMessage & { readonly id?: string })[] = [];
  /** What handlers threw; the network's bus logs it. */
  readonly failures: unknown[] = [];
  /** As many durable messages are taken; publishing more is refused as overload. */
  capacity = Infinity;
  readonly #listeners = new Set<{ subject: string; listener: Listener }>();
  readonly #consumers = new Set<{ subject: string; listener: Listener }>();
  readonly #servers = new Set<{ subject: string; serve: Server }>();

  /** Calls with every durable message under the subject that is published from now on. */
  consume(subject: string, listener: Listener): () => void {
    return register(this.#consumers, { subject, listener });
  }

  listen(subject: string, listener: Listener): () => void {
    return register(this.#listeners, { subject, listener });
  }

  serve(subject: string, serve: Server): () => void {
    return register(this.#servers, { subject, serve });
  }

  store(message: BusMessage, id?: string): void {
    if (id !== undefined && this.published.some((earlier) => earlier.id === id)) return;
    if (this.published.length >= this.capacity) {
      throw new OverloadedError(`no room for ${message.subject}`);
    }
    this.published.push(id === undefined ? message : { ...message, id });
    this.#deliver(this.#consumers, message);
  }

  tell(message: BusMessage): void {
    this.#deliver(this.#listeners, message);
  }

  #deliver(to: Set<{ subject: string; listener: Listener }>, message: BusMessage): void {
    for (const entry of to) {
      if (!subjectMatches(entry.subject, message.subject)) continue;
      queueMicrotask(() => {
        try {
          if (to.has(entry)) entry.listener(message);
        } catch (error) {
          this.failures.push(error);
        }
      });
    }
  }

  server(subject: string): Server | undefined {
    return [...this.#servers].find((member) => subjectMatches(member.subject, subject))?.serve;
  }
}

/** Messages within one process: for tests. Bodies cross as JSON, as they do on a network. */
export class MemoryMessageBus implements MessageBus {
  readonly closed: Promise<void>;
  readonly #stops = new Set<() => void>();
  #resolveClosed = (): void => undefined;

  constructor(
    readonly broker = new MemoryBroker(),
    private readonly clock: Clock = systemClock,
  ) {
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  async publish(subject: string, data: unknown, options: PublishOptions = {}): Promise<void> {
    this.broker.store(messageOf(subject, data, options.headers), options.id);
  }

  hint(subject: string, data: unknown): void {
    this.broker.tell(messageOf(subject, data));
  }

  reply(inbox: string, data: unknown): void {
    this.hint(inbox, data);
  }

  onHint(subject: string, handler: Listener): () => void {
    return this.#keep(this.broker.listen(subject, handler));
  }

  async request(
    subject: string,
    data: unknown,
    { timeoutMs = 2_000 }: { timeoutMs?: number } = {},
  ): Promise<unknown> {
    const serve = this.broker.server(subject);
    if (serve === undefined) throw new WorldError(`${subject}: nobody serves it`, 'later');
    const reply = replyOf(() => serve(messageOf(subject, data)));
    const late = () => new WorldError(`${subject}: no answer within ${timeoutMs} ms`, 'later');
    return answerOf(subject, plain(await within(this.clock, timeoutMs, reply, late)));
  }

  serve(subject: string, _queue: string, handler: Server): () => void {
    return this.#keep(this.broker.serve(subject, handler));
  }

  openInbox(handler: Listener): { readonly subject: string; close(): void } {
    const subject = `_INBOX.${randomUUID()}`;
    return { subject, close: this.onHint(subject, handler) };
  }

  async whenAnswering(): Promise<void> {
    // What is in memory always does.
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.#resolveClosed();
  }

  #keep(stop: () => void): () => void {
    this.#stops.add(stop);
    return () => {
      this.#stops.delete(stop);
      stop();
    };
  }
}

function register<Entry>(entries: Set<Entry>, entry: Entry): () => void {
  entries.add(entry);
  return () => {
    entries.delete(entry);
  };
}

function messageOf(subject: string, data: unknown, headers: MessageHeaders = {}): BusMessage {
  return { subject, data: plain(data), headers };
}

function plain(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data ?? null));
}
