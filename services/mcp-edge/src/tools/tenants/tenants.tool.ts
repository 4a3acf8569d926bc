import {
  getTenantTool,
  setTenantQuotasTool,
  type Principal,
  type QuotaChanges,
  type TenantQuotas,
} from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import type { Clock } from '@skynet/platform';
import type { z } from 'zod';
import type { TenantRequests } from '../../views/tenant-requests.js';
import { usageShape } from '../../views/usage/usage-shape.js';
import type { ViewQueries } from '../../views/view-queries.js';
import { edgeTool, yes, type EdgeTool } from '../edge-tool.js';
import { getUsage } from './usage.tool.js';

export interface TenantDependencies {
  readonly queries: ViewQueries;
  readonly tenants: TenantRequests;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Whose administrators see and set quotas of all tenants. Absent: nobody does. */
  readonly operatorTenant: string | undefined;
}

type Wishes = Omit<z.output<typeof setTenantQuotasTool.input>, 'tenant'>;

const MOST_OF_NAME = 64;
const NO_CEILINGS = {
  ...{ tokens: null, costMicroUsd: null, seconds: null },
  ...{ depth: null, children: null, descendants: null },
};

/** The tools about what tenants may have, and have. */
export function tenantTools(deps: TenantDependencies): readonly EdgeTool[] {
  const { queries, tenants, operatorTenant, clock } = deps;
  const isOperator = ({ tenant }: Principal) => tenant === operatorTenant;
  const shapeOf = async (tenant: string, quotas: TenantQuotas) => {
    const usage = await queries.ask('usage', { tenant });
    return { tenant, quotas, usage: usageShape(tenant, { ...usage, quotas }) };
  };
  return [
    getUsage(queries, clock, isOperator),
    edgeTool(
      getTenantTool,
      async ({ tenant }) => yes(await shapeOf(tenant, await tenants.quotasOf(tenant))),
      isOperator,
    ),
    edgeTool(
      setTenantQuotasTool,
      async ({ tenant, ...wishes }, { principal: { principal }, record }) => {
        const changes = changesOf(wishes);
        const by = principal.slice(0, MOST_OF_NAME);
        record.sending({ tenant, changes });
        const answer = await tenants.set({ tenant, changes, by });
        return isRefused(answer) ? answer : yes(await shapeOf(tenant, answer.quotas));
      },
      isOperator,
    ),
  ];
}

function changesOf({ remove = [], ...changes }: Wishes): QuotaChanges {
  const removed = remove.map((name) => [name, name === 'ceilings' ? NO_CEILINGS : null] as const);
  return { ...Object.fromEntries(removed), ...changes };
}
