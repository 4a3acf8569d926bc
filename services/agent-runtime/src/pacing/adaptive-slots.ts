import type { Clock } from '@skynet/platform';

/** Lateness of a beat that says that the process has more work than time. */
const LATE_MS = 250;
const SHRINK = { late: 0.8, rateLimited: 0.7 };
/** What was made smaller shows its effect before it is made smaller again. */
const SHRINK_EVERY_MS = 5_000;
/** Beats in which it grows from nothing to all. */
const BEATS_TO_ALL = 60;

/**
 * How many agents a worker says that it has room for: less while its event loop is late or a provider refuses calls for
 * their number, and more again step by step (additive increase, multiplicative decrease).
 */
export class AdaptiveSlots {
  private size: number;
  private beatMs: number | undefined;
  private shrunkMs = -Infinity;
  private wasRateLimited = false;

  constructor(
    /** Never more. */
    private readonly all: number,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
  ) {
    this.size = all;
  }

  /** At least one. */
  get slots(): number {
    return Math.max(1, Math.floor(this.size));
  }

  /** A provider has refused a call for the number of calls. */
  rateLimited(): void {
    this.wasRateLimited = true;
  }

  /** To be called `everyMs`; returns the slots from now on. */
  beat(everyMs: number): number {
    const nowMs = this.clock.monotonicMs();
    const lateMs = nowMs - (this.beatMs ?? nowMs - everyMs) - everyMs;
    this.beatMs = nowMs;
    if (this.wasRateLimited) this.shrink(SHRINK.rateLimited);
    else if (lateMs > LATE_MS) this.shrink(SHRINK.late);
    else this.size = Math.min(this.all, this.size + Math.max(1, this.all / BEATS_TO_ALL));
    this.wasRateLimited = false;
    return this.slots;
  }

  private shrink(factor: number): void {
    const nowMs = this.clock.monotonicMs();
    if (nowMs - this.shrunkMs < SHRINK_EVERY_MS) return;
    this.shrunkMs = nowMs;
    this.size = Math.max(1, this.size * factor);
  }
}
