import { readTenantEvent, streamNames, type TenantQuotas } from '@skynet/contracts';
import {
  LogFollower,
  readStored,
  type Clock,
  type Commit,
  type EventStore,
  type Logger,
  type StreamsSetAside,
} from '@skynet/platform';

export interface TenantQuotaFeedOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly setAside: StreamsSetAside;
  readonly onBug: (error: unknown) => void;
}

/** Quotas of tenants as the scheduler wrote them, followed in the log. Of a stream that can't be read on, the last known. */
export class TenantQuotaFeed {
  private readonly known = new Map<string, TenantQuotas>();
  private readonly follower: LogFollower;

  constructor(private readonly options: TenantQuotaFeedOptions) {
    this.follower = new LogFollower({
      ...options,
      prefix: streamNames.tenantPrefix,
      handle: (commit) => this.take(commit),
    });
  }

  /** Resolves when all quotas of the log are known. */
  start(): Promise<void> {
    return this.follower.start();
  }

  stop(): Promise<void> {
    return this.follower.stop();
  }

  quotasOf(tenant: string): TenantQuotas {
    return this.known.get(tenant) ?? {};
  }

  private take({ events, stream }: Commit): void {
    if (this.options.setAside.of(stream) !== undefined) return;
    const quotas = events.map((stored) => readStored(stored, readTenantEvent)).at(-1)?.data;
    if (quotas !== undefined) this.known.set(stream.slice(streamNames.tenantPrefix.length), quotas);
  }
}
