import { hash } from 'node:crypto';
import {
  isRevoked,
  buckets,
  revocationKeys,
  type RevocableClaims,
  type Revocation,
} from '@skynet/contracts';
import {
  StateConflictError,
  type Clock,
  type Logger,
  type StateStore,
  type StateStores,
} from '@skynet/platform';

const MAX_TRIES = 8;
const AGAIN_MS = 500;

/** What ends tokens before their time, where every edge hears of it. */
export class Revocations {
  private readonly again = new Set<() => void>();
  private isStopped = false;

  private constructor(
    private readonly rows: StateStore<Revocation>,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  static async open(stores: StateStores, clock: Clock, log: Logger): Promise<Revocations> {
    const rows = await stores.open<Revocation>(buckets.revocations.bucket, buckets.revocations);
    return new Revocations(rows, clock, log);
  }

  /** How tokens of a login name it: who reads a token shall not learn the id itself. */
  static nameOf(grantId: string): string {
    return hash('sha256', grantId, 'hex').slice(0, 32);
  }

  /** Safe to repeat, in any order. */
  async ofPrincipal(name: string, revocation: Revocation): Promise<void> {
    if (revocation.atMs <= this.clock.nowMs() - buckets.revocations.ttlMs) return;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      if (await this.isKept(revocationKeys.principal(name), revocation)) return;
    }
    throw new Error(`the revocation of ${name} was not kept`);
  }

  async ofGrant(grantId: string): Promise<void> {
    const key = revocationKeys.grant(Revocations.nameOf(grantId));
    await this.rows.put(key, { atMs: this.clock.nowMs() });
  }

  async ofToken(jti: string): Promise<void> {
    await this.rows.put(revocationKeys.token(jti), { atMs: this.clock.nowMs() });
  }

  /** The same, tried until it is done; for what the log says already and so can't be refused any more. */
  surely(name: string, revocation: Revocation): void {
    this.ofPrincipal(name, revocation).catch((error: unknown) => {
      if (this.isStopped) return;
      this.log.warn('revocation not written yet', { principal: name, error });
      const cancel = this.clock.timer(AGAIN_MS, () => {
        this.again.delete(cancel);
        this.surely(name, revocation);
      });
      this.again.add(cancel);
    });
  }

  async covers(claims: RevocableClaims): Promise<boolean> {
    const { sub, jti, grant } = claims;
    const keys = [
      revocationKeys.principal(sub),
      ...(jti === undefined ? [] : [revocationKeys.token(jti)]),
      ...(grant === undefined ? [] : [revocationKeys.grant(grant)]),
    ];
    const found = await Promise.all(
      keys.map(async (key) => [key, (await this.rows.get(key))?.value] as const),
    );
    return isRevoked(claims, (key) => new Map(found).get(key));
  }

  stop(): void {
    this.isStopped = true;
    for (const cancel of this.again) cancel();
  }

  private async isKept(key: string, revocation: Revocation): Promise<boolean> {
    const entry = await this.rows.get(key);
    const merged = later(entry?.value, revocation);
    if (merged === entry?.value) return true;
    try {
      await this.rows.put(key, merged, entry?.revision ?? 'absent');
      return true;
    } catch (error) {
      if (error instanceof StateConflictError) return false;
      throw error;
    }
  }
}

/** What voids all that both do; the one before when that does already. */
function later(before: Revocation | undefined, { revision = -1, atMs }: Revocation): Revocation {
  if (before === undefined) return revision < 0 ? { atMs } : { revision, atMs };
  const known = before.revision ?? -1;
  if (known >= revision && before.atMs >= atMs) return before;
  const newest = Math.max(known, revision);
  return { atMs: Math.max(before.atMs, atMs), ...(newest >= 0 && { revision: newest }) };
}
