const MINUTE_MS = 60_000;
/** What every piece of work may take is not counted. */
const USUAL_MS = 25;

/** Time that this thread gives to work of each tenant in a minute, beyond what is usual: nothing else is done meanwhile. */
export class TenantTime {
  private sinceMs = -Infinity;
  private readonly taken = new Map<string, number>();

  constructor(
    private readonly mostMs: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** How long the tenant has to wait for more; 0 while there is some left. */
  waitMs(tenant: string): number {
    const nowMs = this.inMinute();
    const isOver = (this.taken.get(tenant) ?? 0) >= this.mostMs;
    return isOver ? Math.ceil(this.sinceMs + MINUTE_MS - nowMs) : 0;
  }

  /** Does the work, whether there is time left or not. */
  spend<Result>(tenant: string, work: () => Result): Result {
    const startMs = this.inMinute();
    try {
      return work();
    } finally {
      const ms = Math.max(0, this.nowMs() - startMs - USUAL_MS);
      if (ms > 0) this.taken.set(tenant, (this.taken.get(tenant) ?? 0) + ms);
    }
  }

  /** What was taken in another minute does not count. */
  private inMinute(): number {
    const nowMs = this.nowMs();
    if (nowMs < this.sinceMs + MINUTE_MS) return nowMs;
    this.sinceMs = nowMs;
    this.taken.clear();
    return nowMs;
  }
}
