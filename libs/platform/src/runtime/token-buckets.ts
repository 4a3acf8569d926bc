import type { Clock } from './clock.js';

export interface RateLimit {
  /** 0: no limit. */
  readonly perSecond: number;
  /** Most at once. */
  readonly burst: number;
}

const MAX_CALLERS = 10_000;

/** How often each caller may do something. Who was not heard of for the longest time is forgotten first. */
export class TokenBuckets {
  /** When the bucket of each caller will be full again. */
  private readonly fullAtMs = new Map<string, number>();
  private readonly intervalMs: number;

  constructor(
    private readonly limit: RateLimit,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly capacity = MAX_CALLERS,
  ) {
    this.intervalMs = limit.perSecond === 0 ? 0 : 1_000 / limit.perSecond;
  }

  /** Milliseconds to wait; 0: it may be done now, and counts. */
  take(key: string): number {
    const waitMs = this.emptyForMs(key);
    this.charge(key, waitMs === 0 ? 1 : 0);
    return waitMs;
  }

  /** Counts what is done anyway, or gives back what did not count. */
  charge(key: string, count: number): void {
    const fullAtMs = this.knownFullAtMs(key) + count * this.intervalMs;
    this.fullAtMs.delete(key);
    this.fullAtMs.set(key, fullAtMs);
    if (this.fullAtMs.size <= this.capacity) return;
    const [leastRecent] = this.fullAtMs.keys();
    if (leastRecent !== undefined) this.fullAtMs.delete(leastRecent);
  }

  private emptyForMs(key: string): number {
    const filling = this.knownFullAtMs(key) - this.clock.monotonicMs();
    return Math.max(0, Math.ceil(filling - (this.limit.burst - 1) * this.intervalMs));
  }

  private knownFullAtMs(key: string): number {
    return Math.max(this.fullAtMs.get(key) ?? -Infinity, this.clock.monotonicMs());
  }
}
