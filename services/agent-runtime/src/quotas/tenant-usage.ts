import type { QueryAnswer, TenantQuotas } from '@skynet/contracts';
import { msToNextDay, type TenantLoad, type TenantUse } from '@skynet/domain-scheduling';
import type { Clock } from '@skynet/platform';

export interface TenantUsageContext {
  readonly index: {
    loadOf(tenant: string): Pick<TenantLoad, 'liveAgents' | 'runningTrees' | 'waitingTrees'>;
    useOf(tenant: string): TenantUse;
  };
  readonly tenants: { quotasOf(tenant: string): TenantQuotas };
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly maxWaiting: number;
}

/** Tells what a tenant has under way and has used, by what spawns are decided by. */
export class TenantUsage {
  constructor(private readonly context: TenantUsageContext) {}

  of(tenant: string): QueryAnswer<'usage'> {
    const { clock, index, maxWaiting, tenants } = this.context;
    const atMs = clock.nowMs();
    const { liveAgents, runningTrees, waitingTrees } = index.loadOf(tenant);
    const use = index.useOf(tenant);
    const { tokens, costMicroUsd } = use.usedOnDayOf(atMs);
    return {
      ...{ atMs, liveAgents, runningTrees, waitingTrees, maxWaitingTrees: maxWaiting },
      spawnsInMinute: use.spawnsInMinuteBefore(atMs),
      tokensOfDay: tokens,
      costMicroUsdOfDay: costMicroUsd,
      dayEndsMs: atMs + msToNextDay(atMs),
      quotas: tenants.quotasOf(tenant),
    };
  }
}
