import {
  isRevoked,
  buckets,
  revocationSchema,
  type RevocableClaims,
  type Revocation,
} from '@skynet/contracts';
import type { Clock, HealthCheck, Logger, StateStores } from '@skynet/platform';

export interface RevocationFeedOptions {
  readonly stores: Pick<StateStores, 'open'>;
  readonly clock: Clock;
  readonly log: Logger;
}

const FIRST_READING_MS = 2_000;
const AGAIN_MS = 1_000;

/**
 * What auth has revoked, followed all the time. While it can't be read, what was read of it last counts: a token that was
 * revoked since is taken until it expires, because an edge that refuses everybody would be the worse harm.
 */
export class RevocationFeed {
  private readonly revocations = new Map<string, Revocation>();
  private isRead = false;
  private isStopped = false;
  private cancelAgain = (): void => undefined;
  private stopWatching: (() => Promise<void>) | undefined;

  constructor(
    private readonly options: RevocationFeedOptions,
    /** Called after each revocation. */
    private readonly onNews: () => void = () => undefined,
  ) {}

  /** Says so as long as nothing was read. */
  get healthCheck(): HealthCheck {
    return {
      name: 'revocations',
      check: () => Promise.resolve(),
      notice: () =>
        this.isRead ? undefined : 'revoked tokens are taken until they expire: no news of auth',
    };
  }

  /** Resolves when all was read, or when that takes too long: then it is tried again and again. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.options.clock.timer(FIRST_READING_MS, resolve);
      void this.follow().then(() => {
        cancel();
        resolve();
      });
    });
  }

  revokes(claims: RevocableClaims): boolean {
    return isRevoked(claims, (key) => this.revocations.get(key));
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.cancelAgain();
    await this.stopWatching?.();
  }

  private async follow(): Promise<void> {
    const { stores, clock, log } = this.options;
    try {
      const bucket = await stores.open<unknown>(buckets.revocations.bucket, buckets.revocations);
      if (this.isStopped) return;
      this.stopWatching = await bucket.watch('', (key, entry) => this.hear(key, entry?.value));
      this.isRead = true;
    } catch (error) {
      if (this.isStopped) return;
      log.warn('revocations can not be read now', { error });
      this.cancelAgain = clock.timer(AGAIN_MS, () => void this.follow());
    }
  }

  private hear(key: string, value: unknown): void {
    this.forgetOld();
    this.revocations.delete(key);
    if (value === undefined) return;
    const { data } = revocationSchema.safeParse(value);
    if (data === undefined) {
      this.options.log.error('revocation not read', { key });
      return;
    }
    this.revocations.set(key, data);
    this.onNews();
  }

  /** The bucket does not tell of what has expired in it. Those heard first stand first. */
  private forgetOld(): void {
    const oldMs = this.options.clock.nowMs() - buckets.revocations.ttlMs;
    for (const [key, { atMs }] of this.revocations) {
      if (atMs > oldMs) return;
      this.revocations.delete(key);
    }
  }
}
