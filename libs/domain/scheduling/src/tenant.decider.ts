import {
  rejection,
  type QuotaChanges,
  type TenantEvent,
  type TenantQuotas,
} from '@skynet/contracts';
import { accept, nothingToDo, reject, type Decider, type Decision } from '@skynet/kernel';

export interface TenantCommand {
  readonly id: string;
  readonly type: 'SetTenantQuotas';
  readonly data: {
    readonly tenant: string;
    /** It must have none yet. */
    readonly isNew: boolean;
    readonly changes: QuotaChanges;
  };
}

/** Undefined for a tenant that never had quotas. */
export type TenantState = TenantQuotas | undefined;

/** The rules of the quotas of one tenant. */
export const tenantDecider: Decider<TenantCommand, TenantEvent, TenantState> = {
  initialState: undefined,
  decide,
  evolve: (_, { data }) => data,
};

function decide({ data }: TenantCommand, state: TenantState): Decision<TenantEvent> {
  const { tenant, isNew, changes } = data;
  if (isNew && state !== undefined) {
    return reject(rejection('TENANT_EXISTS', `The tenant ${tenant} has quotas already.`));
  }
  if (!isNew && state === undefined) {
    return reject(rejection('TENANT_NOT_FOUND', `The tenant ${tenant} has no quotas.`));
  }
  const quotas = changedQuotas(state ?? {}, changes);
  if (state !== undefined && isSame(quotas, state)) return nothingToDo();
  return accept({ type: 'TenantQuotasSet', data: quotas });
}

function changedQuotas(
  { ceilings: before = {}, ...others }: TenantQuotas,
  { ceilings: changes = {}, ...otherChanges }: QuotaChanges,
): TenantQuotas {
  const ceilings = changed(before, changes);
  const isCeiling = Object.keys(ceilings).length > 0;
  return { ...changed(others, otherChanges), ...(isCeiling && { ceilings }) };
}

/** What is named is set, null takes away. */
function changed<Of extends object>(before: Of, changes: object): Of {
  const all = { ...before, ...withoutUndefined(changes) };
  const left = Object.entries(all).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(left) as Of;
}

function withoutUndefined(changes: object): object {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

function isSame(one: TenantQuotas, other: TenantQuotas): boolean {
  return canonical(one) === canonical(other);
}

function canonical(quotas: TenantQuotas): string {
  return JSON.stringify(quotas, (_, value: unknown) => {
    const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isRecord) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
