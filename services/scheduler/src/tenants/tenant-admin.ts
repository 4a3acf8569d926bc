import {
  listTenantsRequestSchema,
  setQuotasRequestSchema,
  subjects,
  type ListTenantsAnswer,
  type SetQuotasAnswer,
  type SetQuotasRequest,
  type TenantView,
} from '@skynet/contracts';
import type { Schedule } from '@skynet/domain-scheduling';
import { isRefused } from '@skynet/kernel';
import type { Act, AuditTrail, MessageBus } from '@skynet/platform';
import type { Tenants } from './tenants.js';

/** An answer must fit into one message. */
const MAX_TENANTS = 1_000;
const MAX_DETAIL = 200;
const QUEUE = 'scheduler';

export interface TenantAdminContext {
  readonly bus: Pick<MessageBus, 'serve'>;
  readonly tenants: Tenants;
  readonly schedule: Pick<Schedule, 'loads'>;
  readonly audit: AuditTrail;
}

/** Lets operators see and set quotas of tenants, until the returned function is called. */
export function serveTenantAdmin(context: TenantAdminContext): () => void {
  const { bus } = context;
  const stops = [
    bus.serve(subjects.setQuotas, QUEUE, ({ data }) =>
      setQuotas(setQuotasRequestSchema.parse(data), context),
    ),
    bus.serve(subjects.listTenants, QUEUE, async ({ data }): Promise<ListTenantsAnswer> => {
      const { tenant } = listTenantsRequestSchema.parse(data);
      return { tenants: namesOf(context, tenant).map((name) => viewOf(name, context)) };
    }),
  ];
  return () => stops.forEach((stop) => stop());
}

async function setQuotas(
  request: SetQuotasRequest,
  context: TenantAdminContext,
): Promise<SetQuotasAnswer> {
  const { tenant, changes } = request;
  const details = { changes: JSON.stringify(changes).slice(0, MAX_DETAIL) };
  await tell(request, context.audit, { outcome: 'allowed', details });
  const execution = await context.tenants.set(request);
  if (!isRefused(execution)) return { tenant: viewOf(tenant, context) };
  const { refused } = execution;
  await tell(request, context.audit, { outcome: 'refused', reason: refused.code });
  return { refused } as SetQuotasAnswer;
}

function namesOf({ tenants, schedule }: TenantAdminContext, tenant?: string): string[] {
  const all = [...new Set([...tenants.names, ...schedule.loads.names])].toSorted();
  return all.filter((name) => tenant === undefined || name === tenant).slice(0, MAX_TENANTS);
}

function viewOf(tenant: string, { tenants, schedule }: TenantAdminContext): TenantView {
  return { tenant, quotas: tenants.quotasOf(tenant), ...schedule.loads.loadOf(tenant) };
}

function tell(
  { tenant, by }: SetQuotasRequest,
  audit: AuditTrail,
  what: Pick<Act, 'outcome' | 'reason' | 'details'>,
): Promise<void> {
  const principal = by === undefined ? 'operator' : `operator:${by}`;
  const target = { kind: 'tenant', id: tenant } as const;
  return audit.record({ act: 'set-quotas', principal, target, ...what });
}
