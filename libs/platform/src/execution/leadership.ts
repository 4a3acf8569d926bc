import { buckets } from '@skynet/contracts';
import { sleep, type Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { WorldError } from '../runtime/world-error.js';
import { startLease, type Lease, type LeaseRecord } from '../state/lease.js';
import type { StateStores } from '../state/state-store.port.js';

/** Bucket of the leases, one key per role. */
export const LEASES = buckets.leases.bucket;
const LEASE_MS = buckets.leases.ttlMs;
const LEAD_AGAIN_MS = 500;

/** One time of leading. */
export interface Term {
  /** Grows with every election. */
  readonly epoch: number;
  /** Monotonic milliseconds until when nobody else can be elected, by the last confirmed renewal. */
  validUntilMs(): number;
}

export interface LeadershipOptions {
  readonly states: StateStores;
  /** What is led; one leader per role. */
  readonly role: string;
  /** Names this process in the lease. */
  readonly holder: string;
  readonly clock: Clock;
  readonly log: Logger;
  /**
   * May take longer than the lease lasts: it is renewed meanwhile. What the world prevents for now is tried again while
   * the lease is held; any other rejection ends the process through `onBug`.
   */
  readonly onElected: (term: Term) => Promise<void> | void;
  readonly onDeposed: () => void;
  readonly onBug: (error: unknown) => void;
}

/**
 * Runs for the leadership of a role until stopped: takeover within 5 s after a leader died, at once after it stopped, unless
 * its lease is left to run out.
 */
export class Leadership {
  private lease: Lease | undefined;

  constructor(private readonly options: LeadershipOptions) {}

  async start(): Promise<void> {
    const { clock, holder, log, role, states } = this.options;
    const store = await states.open<LeaseRecord>(LEASES, { ttlMs: LEASE_MS });
    this.lease = startLease(
      { store, key: role, holder, ttlMs: LEASE_MS, log, clock },
      {
        onAcquired: (epoch) => void this.begin(epoch),
        onLost: () => {
          log.warn('no longer leading', { role });
          this.options.onDeposed();
        },
      },
    );
  }

  /**
   * Gives the lease back, so that another is elected at once. `runsOut`: not before its time is over, since what was allowed
   * until then may still be done.
   */
  async stop({ runsOut = false }: { readonly runsOut?: boolean } = {}): Promise<void> {
    await this.lease?.stop(runsOut);
  }

  private async begin(epoch: number): Promise<void> {
    const { clock, log, onBug, onElected, role } = this.options;
    log.info('elected', { role, epoch });
    do {
      try {
        return await onElected({ epoch, validUntilMs: () => this.validUntilMs() });
      } catch (error) {
        if (!(error instanceof WorldError) || error.retry === 'never') return onBug(error);
        log.warn('can not lead yet, trying again', { role, epoch, error });
        await sleep(clock, LEAD_AGAIN_MS);
      }
    } while (this.lease?.epoch() === epoch);
  }

  private validUntilMs(): number {
    return this.lease?.isHeld() === true ? this.lease.validUntilMs() : -Infinity;
  }
}
