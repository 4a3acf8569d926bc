import type { QueryAnswer, UsageShape } from '@skynet/contracts';
import { dateOf } from '../agent-shapes.js';

export function usageShape(tenant: string, usage: QueryAnswer<'usage'>): UsageShape {
  const { quotas } = usage;
  return {
    tenant,
    liveAgents: used(usage.liveAgents, quotas.liveAgents),
    runningTrees: used(usage.runningTrees, quotas.runningTrees),
    waitingTrees: used(usage.waitingTrees, usage.maxWaitingTrees),
    spawnsLastMinute: used(usage.spawnsInMinute, quotas.spawnsPerMinute),
    tokensToday: used(usage.tokensOfDay, quotas.tokensPerDay),
    costMicroUsdToday: used(usage.costMicroUsdOfDay, quotas.costMicroUsdPerDay),
    weight: quotas.weight ?? 1,
    dayResetsAt: dateOf(usage.dayEndsMs),
    asOf: dateOf(usage.atMs),
  };
}

function used(now: number, limit: number | undefined) {
  return { now, ...(limit !== undefined && { limit }) };
}
