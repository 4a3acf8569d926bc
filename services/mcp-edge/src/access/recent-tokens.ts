import { hash } from 'node:crypto';
import type { Principal, RevocableClaims } from '@skynet/contracts';
import type { Clock } from '@skynet/platform';

/** Whose a token is, and by what it can be revoked. */
export interface VerifiedToken {
  readonly principal: Principal;
  readonly claims: RevocableClaims;
  /** Which client it was given to, where it says so. */
  readonly client?: string | undefined;
  /** Of which login it is, where it says so; else the token itself. */
  readonly login?: string | undefined;
}

interface Kept {
  readonly token: VerifiedToken;
  readonly untilMs: number;
}

const MAX_TOKENS = 10_000;
const MAX_AGE_MS = 60_000;

/** Tokens verified a moment ago; whether they were revoked since is not known here. Holds digests: a token in memory is a token to steal. */
export class RecentTokens {
  private readonly verified = new Map<string, Kept>();

  constructor(
    private readonly clock: Pick<Clock, 'nowMs'>,
    private readonly capacity = MAX_TOKENS,
  ) {}

  find(token: string): VerifiedToken | undefined {
    const key = digest(token);
    const found = this.verified.get(key);
    if (found === undefined) return undefined;
    this.verified.delete(key);
    if (found.untilMs <= this.clock.nowMs()) return undefined;
    this.verified.set(key, found);
    return found.token;
  }

  /** `expiresAtMs` of the token itself, which ends its place here too. */
  keep(token: string, verified: VerifiedToken, expiresAtMs: number): void {
    const untilMs = Math.min(this.clock.nowMs() + MAX_AGE_MS, expiresAtMs);
    this.verified.set(digest(token), { token: verified, untilMs });
    if (this.verified.size <= this.capacity) return;
    const [leastRecent] = this.verified.keys();
    if (leastRecent !== undefined) this.verified.delete(leastRecent);
  }
}

function digest(token: string): string {
  return hash('sha256', token, 'base64url');
}
