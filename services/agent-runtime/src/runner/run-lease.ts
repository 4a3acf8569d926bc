import type { Clock, LogKind, WorkItem } from '@skynet/platform';
import { pauseUnlessAborted } from './retry-policy.js';

/** A worker that has heard nothing from the server for this long starts no effect: its item may be somebody else's. */
const CONTACT_MAX_AGE_MS = 3_000;
const HEARTBEAT_MS = 1_000;
const RENEW_AGAIN_MS = 250;

/** Keeps the lease of a work item while a run holds it, and knows how fresh the last confirmed contact is. */
export class RunLease {
  private contactMs: number;
  private cancelTimer: (() => void) | undefined;
  private isOpen = true;

  constructor(
    private readonly item: Pick<WorkItem, 'extend'>,
    private readonly clock: Clock,
    private readonly logKind: LogKind,
  ) {
    this.contactMs = clock.monotonicMs();
    this.beatLater();
  }

  /** An append was acknowledged: that is contact, too, unless the log is kept by another server than the item. */
  confirm(): void {
    if (this.logKind !== 'eventstoredb') this.contactMs = this.clock.monotonicMs();
  }

  isFresh(): boolean {
    return this.clock.monotonicMs() - this.contactMs < CONTACT_MAX_AGE_MS;
  }

  /** Asks the server; after it the contact is fresh, or the call rejects. */
  async renew(): Promise<void> {
    const askedMs = this.clock.monotonicMs();
    await this.item.extend();
    this.contactMs = askedMs;
  }

  /** Asks until the server answers; false when the signal came first. */
  async renewPatiently(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      try {
        await this.renew();
        return true;
      } catch {
        await pauseUnlessAborted(this.clock, RENEW_AGAIN_MS, signal);
      }
    }
    return false;
  }

  release(): void {
    this.isOpen = false;
    this.cancelTimer?.();
  }

  private beatLater(): void {
    this.cancelTimer = this.clock.timer(HEARTBEAT_MS, () => void this.beat());
  }

  private async beat(): Promise<void> {
    await this.renew().catch(() => undefined);
    if (this.isOpen) this.beatLater();
  }
}
