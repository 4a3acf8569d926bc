/** Why the same call may be sent again: nobody took it, nothing was heard of it, or the server said no for now. */
export type Setback =
  | { readonly kind: 'away' | 'silent' }
  | { readonly kind: 'refused'; readonly retryAfterMs?: number };

const AWAY_PAUSE_MS = 250;
const MOST_PAUSE_MS = 4_000;

/**
 * How long to wait before a call is sent again. Patience begins with the first setback: a call may have been served for
 * long before. Who was told no waits as long as the answer says, and twice as long each time, so that those who were told
 * so together do not come back together.
 */
export class Patience {
  private refusedMs = AWAY_PAUSE_MS;
  private endsMs: number | undefined;

  constructor(
    /** Milliseconds, from the first setback on. */
    private readonly lastsMs: number,
    /** From 0 to 1. */
    private readonly chance: () => number = Math.random,
  ) {}

  /**
   * Milliseconds; undefined when patience would be over by then. `startMs`: when the call was sent; one of which nothing
   * was heard may have met its setback at once.
   */
  waitFor(setback: Setback, nowMs: number, startMs: number): number | undefined {
    this.endsMs ??= (setback.kind === 'silent' ? startMs : nowMs) + this.lastsMs;
    const waitMs = setback.kind === 'refused' ? this.afterRefusal(setback) : AWAY_PAUSE_MS;
    return nowMs + waitMs > this.endsMs ? undefined : waitMs;
  }

  private afterRefusal({ retryAfterMs = 0 }: { readonly retryAfterMs?: number }): number {
    const pauseMs = this.refusedMs;
    this.refusedMs = Math.min(MOST_PAUSE_MS, pauseMs * 2);
    return Math.round(retryAfterMs + pauseMs * (0.5 + this.chance()));
  }
}
