import { randomUUID } from 'node:crypto';
import {
  streamNames,
  type SetQuotasRequest,
  type TenantEvent,
  type TenantQuotas,
} from '@skynet/contracts';
import type { TenantCommand, TenantState } from '@skynet/domain-scheduling';
import {
  CommandHandler,
  LogFollower,
  type Clock,
  type Commit,
  type EventStore,
  type Execution,
  type Logger,
  type StreamsSetAside,
} from '@skynet/platform';
import { tenantStreamModel } from './tenant-stream.js';

export interface TenantsOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly setAside: StreamsSetAside;
  /** Called when the log can't be followed any more. */
  readonly onBug: (error: unknown) => void;
  /** Called when quotas are other than before. */
  readonly onChange: () => void;
}

/** Quotas of all tenants that have some, folded from the log and kept up to date. Of a stream that can't be read on, the last known. */
export class Tenants {
  private readonly known = new Map<string, { readonly quotas: TenantQuotas; revision: number }>();
  private readonly handler: CommandHandler<TenantCommand, TenantEvent, TenantState>;
  private readonly follower: LogFollower;

  constructor(private readonly options: TenantsOptions) {
    this.handler = new CommandHandler({ ...options, model: tenantStreamModel });
    this.follower = new LogFollower({
      ...options,
      prefix: streamNames.tenantPrefix,
      handle: (commit) => this.fold(commit),
    });
  }

  /** Resolves when all quotas of the log are known. */
  start(): Promise<void> {
    return this.follower.start();
  }

  stop(): Promise<void> {
    return this.follower.stop();
  }

  get names(): Iterable<string> {
    return this.known.keys();
  }

  quotasOf(tenant: string): TenantQuotas {
    return this.known.get(tenant)?.quotas ?? {};
  }

  /** This process knows the outcome at once, others a moment later. */
  async set({
    tenant,
    isNew,
    changes,
    by,
  }: SetQuotasRequest): Promise<Execution<TenantEvent, TenantState>> {
    const data = { tenant, isNew, changes };
    const command = { id: randomUUID(), type: 'SetTenantQuotas', data } as const;
    const origin = { tenant, principal: by === undefined ? 'operator' : `operator:${by}` };
    const execution = await this.handler.execute(tenant, command, origin);
    const { state, revision } = execution;
    if (state !== undefined) this.keep(tenant, state, revision);
    return execution;
  }

  private fold(commit: Commit): void {
    const { stream } = commit;
    if (this.options.setAside.of(stream) !== undefined) return;
    const quotas = this.handler.take(commit).at(-1)?.data;
    const tenant = stream.slice(streamNames.tenantPrefix.length);
    if (quotas !== undefined) this.keep(tenant, quotas, commit.revision);
  }

  private keep(tenant: string, quotas: TenantQuotas, revision: number): void {
    if ((this.known.get(tenant)?.revision ?? -1) >= revision) return;
    this.known.set(tenant, { quotas, revision });
    this.options.onChange();
  }
}
