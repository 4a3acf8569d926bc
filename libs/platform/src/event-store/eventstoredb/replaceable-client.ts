import type { Clock } from '../../runtime/clock.js';

/** What is used of the vendor's client here. */
export interface Disposable {
  dispose(): Promise<void>;
}

/** The vendor's client keeps its connection to itself. */
interface HoldsChannel {
  readonly getChannel?: () => Promise<{ close?: () => void }>;
}

const REPLACE_EVERY_MS = 200;

/**
 * The vendor's client for one kind of call, replaced when it is lost: one that found no server once finds none again
 * (version 1.3.1 keeps the failure of its first look at the server's features, its bridge 0.2.2 gives up for good).
 */
export class ReplaceableClient<Client extends Disposable> {
  #client: Client;
  #replacedMs = -Infinity;
  #closed = false;

  constructor(
    private readonly make: () => Client,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
  ) {
    this.#client = make();
  }

  /** Ask for it anew for each call. */
  get current(): Client {
    return this.#client;
  }

  /** Puts a new client in place of the one that failed, once for all calls that failed with it; those under way on it end. */
  replace(failed: Client): void {
    const nowMs = this.clock.monotonicMs();
    const isRecent = nowMs - this.#replacedMs < REPLACE_EVERY_MS;
    if (failed !== this.#client || isRecent || this.#closed) return;
    this.#replacedMs = nowMs;
    this.#client = this.make();
    void release(failed);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await release(this.#client);
  }
}

/** The vendor's `dispose` ends calls and leaves their connection open. */
async function release(client: Disposable & HoldsChannel): Promise<void> {
  await client.dispose().catch(() => undefined);
  try {
    const channel = await client.getChannel?.();
    channel?.close?.();
  } catch {
    // It never had one.
  }
}
