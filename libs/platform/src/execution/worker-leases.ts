import { buckets } from '@skynet/contracts';
import { sleep, type Clock } from '../runtime/clock.js';
import type { HealthCheck } from '../health/health-check.js';
import type { Logger } from '../runtime/logger.js';
import { WorldError } from '../runtime/world-error.js';
import type { StateStore, StateStores } from '../state/state-store.port.js';

/** Bucket of the leases of processes, a key for each. */
export const WORKER_LEASES = buckets.workerLeases.bucket;
const BEAT_MS = 1_000;
const BEAT_MIN_MS = 900;
/** Renewals of others after which one that made none counts as gone. */
const BEATS_UNTIL_GONE = 4;
/** A process that has heard nothing from the store for this long starts no effect: others may count it as gone. */
const FRESH_MS = 3_000;
const RENEW_AGAIN_MS = 250;
/** Processes that are gone are remembered until so many others were heard. */
const MOST_HEARD = 1_000;

interface LeaseBeat {
  readonly beats: number;
  /** By the clock of who writes it, epoch milliseconds; those of before have none. */
  readonly atMs?: number;
}

export interface WorkerLeasesOptions {
  readonly states: Pick<StateStores, 'open'>;
  /** Names this process; never used again after it. */
  readonly holder: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * One lease for all that a process runs: a key that it renews each second, and its view of the leases of the others.
 * Time is counted in this process's own renewals as they come back from the store, in the order of the store: while the
 * store is away or has no leader nobody renews, and nobody is gone.
 */
export class WorkerLeases {
  private store: StateStore<LeaseBeat> | undefined;
  private readonly seenAt = new Map<string, number>();
  private readonly heardAtMs = new Map<string, number>();
  /** Own renewals that have come back. */
  private beats = 0;
  private beatMs = -Infinity;
  private sent = 0;
  private renewedMs = -Infinity;
  private renewing: Promise<void> | undefined;
  private isOpen = true;
  private cancelBeat: (() => void) | undefined;
  private stopWatching: (() => Promise<void>) | undefined;

  constructor(private readonly options: WorkerLeasesOptions) {}

  /** Resolves when the lease is held. */
  async start(): Promise<void> {
    this.store = await this.options.states.open<LeaseBeat>(WORKER_LEASES, buckets.workerLeases);
    this.stopWatching = await this.store.watch('', (holder, entry) =>
      this.see(holder, entry?.value),
    );
    await this.renew();
    this.beatLater();
  }

  /** Whether others surely count this process as alive, judged at this moment. */
  isFresh(): boolean {
    return this.options.clock.monotonicMs() - this.renewedMs < FRESH_MS;
  }

  /** Fails while others may count this process as gone. */
  get healthCheck(): HealthCheck {
    const late = new WorldError('the lease is not renewed', 'later');
    return {
      name: 'lease',
      check: () => (this.isFresh() ? Promise.resolve() : Promise.reject(late)),
    };
  }

  /** @throws WorldError when the store does not answer; safe to retry */
  renew(): Promise<void> {
    this.renewing ??= this.write().finally(() => (this.renewing = undefined));
    return this.renewing;
  }

  /** Renews until the store answers; false when the signal came first. */
  async renewPatiently(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      try {
        await this.renew();
        return true;
      } catch {
        await sleep(this.options.clock, RENEW_AGAIN_MS);
      }
    }
    return false;
  }

  /**
   * Whether the process has given its lease back, or has not renewed it while this one renewed its own four times. A name
   * that was never seen is gone after as many renewals.
   */
  isGone(holder: string): boolean {
    if (holder === this.options.holder) return false;
    return this.beats - (this.seenAt.get(holder) ?? 0) >= BEATS_UNTIL_GONE;
  }

  /** When the process renewed its lease last, as heard here, or as it says where that was before this one looked; epoch milliseconds. Undefined: never. */
  lastHeardMs(holder: string): number | undefined {
    return this.heardAtMs.get(holder);
  }

  /** Gives the lease back: what this process has left can be taken over at once. */
  async stop(): Promise<void> {
    this.isOpen = false;
    this.cancelBeat?.();
    await this.stopWatching?.();
    const { holder, log } = this.options;
    await this.store?.delete(holder).catch((error: unknown) => {
      log.warn('lease could not be given back, it runs out by itself', { holder, error });
    });
  }

  private async write(): Promise<void> {
    const sentMs = this.options.clock.monotonicMs();
    this.sent += 1;
    await this.store?.put(this.options.holder, {
      beats: this.sent,
      atMs: this.options.clock.nowMs(),
    });
    this.renewedMs = sentMs;
  }

  private see(holder: string, beat: LeaseBeat | undefined): void {
    if (holder === this.options.holder) return this.count();
    this.seenAt.set(holder, beat === undefined ? -BEATS_UNTIL_GONE : this.beats);
    if (beat === undefined) return;
    const nowMs = this.options.clock.nowMs();
    this.heardAtMs.delete(holder);
    // Only of what was there before it looked: the holder's clock may be wrong.
    const saidMs = this.stopWatching === undefined ? beat.atMs : undefined;
    this.heardAtMs.set(holder, Math.min(saidMs ?? nowMs, nowMs));
    const [oldest] = this.heardAtMs.keys();
    if (this.heardAtMs.size > MOST_HEARD && oldest !== undefined) this.heardAtMs.delete(oldest);
  }

  /** Renewals that come back together after a pause are one: the others had no more time than that. */
  private count(): void {
    const nowMs = this.options.clock.monotonicMs();
    if (nowMs - this.beatMs < BEAT_MIN_MS) return;
    this.beatMs = nowMs;
    this.beats += 1;
  }

  private beatLater(): void {
    this.cancelBeat = this.options.clock.timer(BEAT_MS, () => void this.beat());
  }

  private async beat(): Promise<void> {
    const { holder, log } = this.options;
    await this.renew().catch((error: unknown) => log.warn('lease not renewed', { holder, error }));
    if (this.isOpen) this.beatLater();
  }
}
