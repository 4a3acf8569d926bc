import { rejection, type RequestedLimits, type TenantQuotas } from '@skynet/contracts';
import type { Rejection } from '@skynet/kernel';
import { msToNextDay, type TenantUse } from './tenant-use.js';

/** Why a tenant gets no further tree now; `underWay`: trees that do not count in `use` yet. */
export function refusalOfTree(
  quotas: TenantQuotas,
  use: TenantUse,
  { nowMs, underWay }: { readonly nowMs: number; readonly underWay: number },
): Rejection | undefined {
  const { spawnsPerMinute = Infinity } = quotas;
  if (use.spawnsInMinuteBefore(nowMs) + underWay >= spawnsPerMinute) {
    const about = { limit: 'spawnsPerMinute', retryAfterMs: use.msToFewerSpawns(nowMs) };
    const message = `The tenant has begun ${spawnsPerMinute} trees within a minute, the most it may`;
    return rejection('TENANT_LIMIT', message, about);
  }
  return refusalOfDay(quotas, use, nowMs);
}

/** Why a tenant gets nothing more to spend today. */
export function refusalOfDay(
  quotas: TenantQuotas,
  use: TenantUse,
  nowMs: number,
): Rejection | undefined {
  const used = use.usedOnDayOf(nowMs);
  const { tokensPerDay = Infinity, costMicroUsdPerDay = Infinity } = quotas;
  if (used.tokens >= tokensPerDay) return ofDay('tokensPerDay', tokensPerDay, nowMs);
  if (used.costMicroUsd < costMicroUsdPerDay) return undefined;
  return ofDay('costMicroUsdPerDay', costMicroUsdPerDay, nowMs);
}

function ofDay(limit: string, most: number, nowMs: number): Rejection {
  const message = `The tenant has used up the ${most} of ${limit} for today, in UTC; trees that run go on`;
  return rejection('TENANT_LIMIT', message, { limit, retryAfterMs: msToNextDay(nowMs) });
}

type Ceilings = NonNullable<TenantQuotas['ceilings']>;
type Limit = keyof Ceilings;

/** Limits of a root that names none: those of the service, no higher than the ceilings. */
export function defaultsBelow(
  defaults: Required<RequestedLimits>,
  ceilings: Ceilings = {},
): Required<RequestedLimits> {
  const lowered = Object.entries(defaults).map(([name, amount]) => {
    return [name, Math.min(amount, ceilings[name as Limit] ?? Infinity)];
  });
  return Object.fromEntries(lowered) as Required<RequestedLimits>;
}

/** Undefined when no limit that is asked for is above its ceiling. */
export function refusalOfLimits(
  asked: RequestedLimits,
  ceilings: Ceilings = {},
): Rejection | undefined {
  for (const [name, ceiling] of Object.entries(ceilings)) {
    const amount = asked[name as Limit] ?? 0;
    if (amount <= ceiling) continue;
    const message = `limits.${name}: ${amount} is above the ceiling of the tenant, ${ceiling}`;
    return rejection('LIMIT_CEILING', message, { limit: name });
  }
  return undefined;
}

/** Whether the tenant may use the model and the servers of these tools. */
export function refusalOfMeans(
  { models, toolServers }: TenantQuotas,
  { model, servers }: { readonly model: string; readonly servers: readonly string[] },
): Rejection | undefined {
  if (models !== undefined && !models.includes(model)) {
    const message = `The tenant may not use the model ${model}, only: ${models.join(', ') || 'none'}`;
    return rejection('NOT_FOR_TENANT', message, { limit: 'models' });
  }
  const server = servers.find((name) => toolServers?.includes(name) === false);
  if (server === undefined) return undefined;
  const allowed = toolServers?.join(', ') || 'none';
  const message = `The tenant may not use the tool server ${server}, only: ${allowed}`;
  return rejection('NOT_FOR_TENANT', message, { limit: 'toolServers' });
}
