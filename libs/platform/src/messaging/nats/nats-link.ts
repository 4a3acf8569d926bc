import { createInbox, type NatsConnection } from '@nats-io/transport-node';
import { sleep, within, type Clock } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/logger.js';
import { WorldError } from '../../runtime/world-error.js';

/** A NATS connection that is watched: it reconnects for ever, and tells when it is lost and restored. */
export interface NatsLink {
  readonly connection: NatsConnection;
  /** A new subject below the part of the inbox that is the user's own. */
  newInbox(): string;
  isConnected(): boolean;
  /** Called after the connection was lost; what was sent and not yet answered may be gone. Returns a stop function. */
  onLost(listener: () => void): () => void;
  /** Called after reconnecting, with all subscriptions renewed. Returns a stop function. */
  onRestored(listener: () => void): () => void;
  /**
   * Resolves at once while connected, else when restored.
   *
   * @throws WorldError `retry: 'later'` when that takes longer than `timeoutMs` or the connection is closed for good
   */
  whenConnected(timeoutMs: number): Promise<void>;
  /**
   * The outcome of the work, which waits for an answer of the server.
   *
   * @throws WorldError `retry: 'later'` as soon as the connection is lost: the answer will not come
   */
  untilLost<Result>(work: Promise<Result>): Promise<Result>;
  /**
   * Resolves when the server has seen everything sent so far. `timeoutMs` default 2,000.
   *
   * @throws WorldError `retry: 'later'` when the server is away or slower
   */
  roundTrip(timeoutMs?: number): Promise<void>;
  /**
   * Resolves as soon as the server answers, after a reconnect when it takes one.
   *
   * @throws WorldError `retry: 'later'` when it does not in that time: it is away or hangs
   */
  whenAnswering(withinMs: number): Promise<void>;
  /** Resolves when the connection is gone for good. */
  readonly closed: Promise<void>;
  /** Delivers what has arrived, sends what is buffered, then disconnects; after 2 s it disconnects anyway. */
  close(): Promise<void>;
}

const CLOSE_LIMIT_MS = 2_000;
const AGAIN_MS = 20;

/** Watches an open connection. */
export function linkOf(
  connection: NatsConnection,
  inboxPrefix: string,
  { log, clock }: { readonly log: Logger; readonly clock: Clock },
): NatsLink {
  return new WatchedConnection(connection, inboxPrefix, log, clock);
}

class WatchedConnection implements NatsLink {
  readonly closed: Promise<void>;
  readonly #lost = new Set<() => void>();
  readonly #restored = new Set<() => void>();
  #connected = true;

  constructor(
    readonly connection: NatsConnection,
    private readonly inboxPrefix: string,
    private readonly log: Logger,
    private readonly clock: Clock,
  ) {
    this.closed = connection.closed().then(() => this.#lose('closed'));
    void this.#watch();
  }

  newInbox(): string {
    return createInbox(this.inboxPrefix);
  }

  isConnected(): boolean {
    return this.#connected;
  }

  onLost(listener: () => void): () => void {
    return register(this.#lost, listener);
  }

  onRestored(listener: () => void): () => void {
    return register(this.#restored, listener);
  }

  async whenConnected(timeoutMs: number): Promise<void> {
    if (this.#connected) return;
    const gone = this.closed.then(() => {
      throw new WorldError('the NATS connection is closed', 'later');
    });
    let stopListening = (): void => undefined;
    const restored = new Promise<void>((resolve) => {
      stopListening = this.onRestored(resolve);
    });
    try {
      await this.#within(timeoutMs, Promise.race([restored, gone]), 'NATS is away');
    } finally {
      stopListening();
    }
  }

  async untilLost<Result>(work: Promise<Result>): Promise<Result> {
    let stopListening = (): void => undefined;
    const lost = new Promise<never>((_resolve, reject) => {
      const fail = () => reject(new WorldError('the NATS connection was lost', 'later'));
      stopListening = this.onLost(fail);
      if (!this.#connected) fail();
    });
    try {
      return await Promise.race([work, lost]);
    } finally {
      stopListening();
    }
  }

  async roundTrip(timeoutMs = 2_000): Promise<void> {
    if (!this.#connected) throw new WorldError('NATS is away', 'later');
    try {
      await this.#within(timeoutMs, this.connection.flush(), 'NATS does not answer');
    } catch (error) {
      throw error instanceof WorldError
        ? error
        : new WorldError('NATS is away', 'later', { cause: error });
    }
  }

  async whenAnswering(withinMs: number): Promise<void> {
    const endMs = this.clock.monotonicMs() + withinMs;
    const leftMs = () => Math.ceil(Math.max(0, endMs - this.clock.monotonicMs()));
    for (;;) {
      await this.whenConnected(leftMs());
      try {
        return await this.roundTrip(leftMs());
      } catch (error) {
        // The connection may have been lost meanwhile, and come back.
        if (leftMs() <= AGAIN_MS) throw error;
      }
      await sleep(this.clock, AGAIN_MS);
    }
  }

  async close(): Promise<void> {
    if (this.connection.isClosed()) return;
    const drained = this.#connected ? this.connection.drain() : this.connection.close();
    await this.#within(CLOSE_LIMIT_MS, drained, 'NATS').catch(() => this.connection.close());
  }

  async #watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect') this.#lose(status.server);
      else if (status.type === 'reconnect') this.#restore(status.server);
      else if (status.type === 'error') this.log.warn('NATS error', { error: status.error });
    }
  }

  #lose(server: string): void {
    if (!this.#connected) return;
    this.#connected = false;
    if (server !== 'closed') this.log.warn('NATS connection lost', { server });
    for (const listener of [...this.#lost]) listener();
  }

  #restore(server: string): void {
    this.#connected = true;
    this.log.info('NATS connection restored', { server });
    for (const listener of [...this.#restored]) listener();
  }

  #within(timeoutMs: number, work: Promise<void>, failure: string): Promise<void> {
    const late = () => new WorldError(`${failure}, waited ${timeoutMs} ms`, 'later');
    return within(this.clock, timeoutMs, work, late);
  }
}

function register(listeners: Set<() => void>, listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
