import { randomUUID } from 'node:crypto';
import { systemClock, type Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { StateConflictError } from './state-conflict.js';
import type { StateEntry, StateStore } from './state-store.port.js';

/** What stands under the key of a lease. */
export interface LeaseRecord {
  /** Who holds it, for people to read. */
  readonly holder: string;
  /** Unique to one `startLease`; tells an own write whose ack was lost from another's. */
  readonly token: string;
}

export interface LeaseOptions {
  /** A bucket of its own, opened with the same `ttlMs`. */
  readonly store: StateStore<LeaseRecord>;
  readonly key: string;
  readonly holder: string;
  /** A holder that is silent for so long has lost the lease. Default: 3,000. */
  readonly ttlMs?: number;
  /** Default: 1,000. */
  readonly renewMs?: number;
  readonly log: Logger;
  readonly clock?: Clock;
}

/** Called in turn: acquired, lost, acquired, … Must not throw. */
export interface LeaseListener {
  /** `epoch` grows with every change of holder; stamp it on whatever an older holder must not overwrite. */
  onAcquired(epoch: number): void;
  onLost(): void;
}

/** Leadership by one key: at most one holder at any time, and a holder knows that it lost before another can take it. */
export interface Lease {
  /** Judged by the clock at this moment, not by the last message: check it right before an effect. */
  isHeld(): boolean;
  /** Of the time held now; undefined while not held. */
  epoch(): number | undefined;
  /** On `clock.monotonicMs()`; in the past while not held. */
  validUntilMs(): number;
  /** Stops trying for the lease and, after `onLost`, gives it back; `runsOut`: leaves it to its time instead. */
  stop(runsOut?: boolean): Promise<void>;
}

/** Starts trying for the lease. It is first held some milliseconds later, when nobody else holds it. */
export function startLease(options: LeaseOptions, listener: LeaseListener): Lease {
  const keeper = new LeaseKeeper(options, listener);
  keeper.start();
  return keeper;
}

interface Held {
  readonly epoch: number;
  revision: number;
  validUntilMs: number;
  announced: boolean;
}

class LeaseKeeper implements Lease {
  readonly #record: LeaseRecord;
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #renewMs: number;
  #held: Held | undefined;
  /** The entry of another holder, and since when it has not changed. */
  #seen: { readonly revision: number; readonly sinceMs: number } | undefined;
  #attempt: Promise<void> = Promise.resolve();
  #stopped = false;
  #cancelNext = (): void => undefined;
  #cancelExpiry = (): void => undefined;

  constructor(
    private readonly options: LeaseOptions,
    private readonly listener: LeaseListener,
  ) {
    const { holder, ttlMs = 3_000, renewMs = 1_000, clock = systemClock } = options;
    this.#record = { holder, token: randomUUID() };
    this.#clock = clock;
    this.#ttlMs = ttlMs;
    this.#renewMs = renewMs;
  }

  start(): void {
    this.#attempt = this.#tryOnce().then(() => {
      if (this.#stopped) return;
      // Contenders look twice as often, so that a takeover follows the end of the lease closely.
      const pauseMs = this.#held ? this.#renewMs : this.#renewMs / 2;
      this.#cancelNext = this.#clock.timer(pauseMs, () => this.start());
    });
  }

  isHeld(): boolean {
    return this.#clock.monotonicMs() < this.validUntilMs();
  }

  epoch(): number | undefined {
    return this.isHeld() ? this.#held?.epoch : undefined;
  }

  validUntilMs(): number {
    return this.#held?.validUntilMs ?? -Infinity;
  }

  async stop(runsOut = false): Promise<void> {
    this.#stopped = true;
    this.#cancelNext();
    await this.#attempt;
    const held = this.#held;
    if (held === undefined) return;
    this.#lose();
    if (runsOut) return;
    try {
      await this.options.store.delete(this.options.key, held.revision);
    } catch (error) {
      this.#log('lease could not be given back, it runs out by itself', error);
    }
  }

  async #tryOnce(): Promise<void> {
    try {
      if (this.#held) await this.#renew(this.#held);
      else await this.#contend();
    } catch (error) {
      if (!(error instanceof StateConflictError)) this.#log('lease is out of reach', error);
    }
  }

  async #renew(held: Held): Promise<void> {
    const sentMs = this.#clock.monotonicMs();
    try {
      held.revision = await this.options.store.put(this.options.key, this.#record, held.revision);
      this.#extend(held, sentMs);
    } catch (error) {
      if (!(error instanceof StateConflictError)) throw error;
      // The key moved on: by a renewal of ours whose ack was lost, or because somebody else has the lease.
      const entry = await this.options.store.get(this.options.key);
      if (entry?.value.token !== this.#record.token) this.#lose();
      else if (entry.revision !== held.revision) {
        held.revision = entry.revision;
        await this.#renew(held);
      }
    }
  }

  async #contend(): Promise<void> {
    const entry = await this.options.store.get(this.options.key);
    const expected = this.#freeAt(entry);
    if (expected === undefined) return;
    const sentMs = this.#clock.monotonicMs();
    const epoch = await this.options.store.put(this.options.key, this.#record, expected);
    const held: Held = { epoch, revision: epoch, validUntilMs: -Infinity, announced: false };
    this.#held = held;
    this.#seen = undefined;
    this.#extend(held, sentMs);
    // The answer may have come too late to be of use.
    if (!this.isHeld()) return;
    held.announced = true;
    this.listener.onAcquired(epoch);
  }

  /** The revision over which the lease may be taken; undefined while another may hold it. */
  #freeAt(entry: StateEntry<LeaseRecord> | undefined): number | 'absent' | undefined {
    if (entry === undefined) return 'absent';
    if (entry.value.token === this.#record.token) return entry.revision;
    const nowMs = this.#clock.monotonicMs();
    if (this.#seen?.revision !== entry.revision) {
      this.#seen = { revision: entry.revision, sinceMs: nowMs };
    }
    // Not left to the expiry in the store alone: servers look for expired entries once a second or less.
    return nowMs - this.#seen.sinceMs >= this.#ttlMs ? entry.revision : undefined;
  }

  /** A sixth of the time is kept back for clocks that differ in speed. Counted from sending, never from the answer. */
  #extend(held: Held, sentMs: number): void {
    if (this.#held !== held) return;
    held.validUntilMs = sentMs + this.#ttlMs * (5 / 6);
    this.#cancelExpiry();
    const leftMs = held.validUntilMs - this.#clock.monotonicMs();
    if (leftMs <= 0) this.#lose();
    else this.#cancelExpiry = this.#clock.timer(leftMs, () => this.#lose());
  }

  #lose(): void {
    const held = this.#held;
    this.#cancelExpiry();
    this.#held = undefined;
    if (held?.announced) this.listener.onLost();
  }

  #log(message: string, error: unknown): void {
    const { log, key, holder } = this.options;
    log.warn(message, { key, holder, error });
  }
}
