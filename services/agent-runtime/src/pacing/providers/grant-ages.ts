import type { Clock } from '@skynet/platform';
import type { Amount, Grant } from './allowance-record.js';

/** What was granted may be used for so long, from when it was asked for. */
export const USABLE_MS = 2_000;
/** From the decision to call until the provider counts the call. */
const ON_THE_WAY_MS = 3_000;
/** A grant counts for so long, from when it was seen. */
const COUNTS_MS = 60_000 + USABLE_MS + ON_THE_WAY_MS;

/**
 * How long this process has known each grant, by its own clock: a grant is over when somebody has known it for a minute, so
 * that clocks of several machines need not agree, only run equally fast.
 */
export class GrantAges {
  private readonly known = new Map<string, Amount & { readonly sinceMs: number }>();

  constructor(private readonly clock: Pick<Clock, 'monotonicMs'>) {}

  /** A grant that has grown is a new one; one that is not there any more is forgotten. */
  see(grants: Readonly<Record<string, Grant>>): void {
    const sinceMs = this.clock.monotonicMs();
    for (const id of this.known.keys()) if (!Object.hasOwn(grants, id)) this.known.delete(id);
    for (const [id, { requests, tokens }] of Object.entries(grants)) {
      const before = this.known.get(id);
      const hasGrown = before === undefined || requests > before.requests || tokens > before.tokens;
      this.known.set(id, { requests, tokens, sinceMs: hasGrown ? sinceMs : before.sinceMs });
    }
  }

  /** Those that still count. */
  living(grants: Readonly<Record<string, Grant>>): Record<string, Grant> {
    const nowMs = this.clock.monotonicMs();
    const living = Object.entries(grants).filter(([id]) => this.overAtMs(id) > nowMs);
    return Object.fromEntries(living);
  }

  /** Milliseconds until the next one is over; infinite when there is none. */
  nextOverMs(grants: Readonly<Record<string, Grant>>): number {
    const nowMs = this.clock.monotonicMs();
    const overMs = Object.keys(grants).map((id) => this.overAtMs(id) - nowMs);
    return Math.min(Infinity, ...overMs.filter((ms) => ms > 0));
  }

  private overAtMs(id: string): number {
    return (this.known.get(id)?.sinceMs ?? this.clock.monotonicMs()) + COUNTS_MS;
  }
}
