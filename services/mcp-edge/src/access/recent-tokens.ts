import { hash } from 'node:crypto';
import type { Principal } from '@skynet/contracts';
import type { Clock } from '@skynet/platform';

interface Verified {
  readonly principal: Principal;
  readonly untilMs: number;
}

const MAX_TOKENS = 10_000;
const MAX_AGE_MS = 60_000;

/** Whom tokens verified a moment ago belong to. Holds digests: a token in memory is a token to steal. */
export class RecentTokens {
  private readonly verified = new Map<string, Verified>();

  constructor(
    private readonly clock: Pick<Clock, 'nowMs'>,
    private readonly capacity = MAX_TOKENS,
  ) {}

  find(token: string): Principal | undefined {
    const key = digest(token);
    const found = this.verified.get(key);
    if (found === undefined) return undefined;
    this.verified.delete(key);
    if (found.untilMs <= this.clock.nowMs()) return undefined;
    this.verified.set(key, found);
    return found.principal;
  }

  /** `expiresAtMs` of the token itself, which ends its place here too. */
  keep(token: string, principal: Principal, expiresAtMs: number): void {
    const untilMs = Math.min(this.clock.nowMs() + MAX_AGE_MS, expiresAtMs);
    this.verified.set(digest(token), { principal, untilMs });
    if (this.verified.size <= this.capacity) return;
    const [leastRecent] = this.verified.keys();
    if (leastRecent !== undefined) this.verified.delete(leastRecent);
  }
}

function digest(token: string): string {
  return hash('sha256', token, 'base64url');
}
