import type { Clock } from '../runtime/clock.js';
import { TokenBuckets } from '../runtime/token-buckets.js';
import type { Act } from './audit-trail.port.js';

const LIMIT = { perSecond: 10, burst: 100 };
const NOBODY = '';

/** Bounds what a caller can make us keep by being refused; callers that nobody knows count as one. */
export class KeptRefusals {
  private readonly buckets: TokenBuckets;
  private omitted = new Map<string, number>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.buckets = new TokenBuckets(LIMIT, clock);
  }

  /** Whether the act is kept; otherwise it is counted. */
  keeps({ act, outcome, principal }: Act): boolean {
    if (outcome === 'allowed' || this.buckets.take(principal ?? NOBODY) === 0) return true;
    this.omitted.set(act, (this.omitted.get(act) ?? 0) + 1);
    return false;
  }

  /** What was not kept since this was last asked; undefined when all was. */
  takeOmitted(): Act | undefined {
    const { omitted } = this;
    if (omitted.size === 0) return undefined;
    this.omitted = new Map();
    const counts = [...omitted].map(([act, count]) => `${act} ${count}`);
    const count = [...omitted.values()].reduce((sum, each) => sum + each, 0);
    const details = { count: String(count), acts: counts.join(', ') };
    return { act: 'omitted', outcome: 'refused', details };
  }
}
