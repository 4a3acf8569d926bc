import type { TenantView } from '@skynet/contracts';
import { oneLine } from '../screen/plain-text.js';
import { renderTable } from '../screen/table.js';

const COLUMNS = ['TENANT', 'LIVE AGENTS', 'RUNNING TREES', 'WAITING TREES', 'QUOTAS'].map(
  (title) => ({ title }),
);

export function renderTenants(tenants: readonly TenantView[]): string[] {
  return renderTable(
    COLUMNS,
    tenants.map(({ tenant, quotas, liveAgents, runningTrees, waitingTrees }) => [
      tenant,
      ofQuota(liveAgents, quotas.liveAgents),
      ofQuota(runningTrees, quotas.runningTrees),
      String(waitingTrees),
      Object.keys(quotas).join(', ') || '-',
    ]),
  );
}

export function renderTenant({ tenant, quotas, ...load }: TenantView): string[] {
  const { ceilings = {}, models, toolServers, ...amounts } = quotas;
  const ofQuotas = [
    ...Object.entries(amounts),
    ...Object.entries(ceilings).map(([name, value]) => [`ceilings.${name}`, value] as const),
    ['models', named(models)] as const,
    ['toolServers', named(toolServers)] as const,
  ];
  return [tenant, ...linesOf(Object.entries(load)), 'quotas', ...linesOf(ofQuotas)];
}

function linesOf(values: readonly (readonly [string, string | number])[]): string[] {
  return values.map(([name, value]) => `  ${name}: ${oneLine(String(value))}`);
}

function ofQuota(used: number, most: number | undefined): string {
  return most === undefined ? String(used) : `${used} of ${most}`;
}

function named(names: readonly string[] | undefined): string {
  return names === undefined ? 'all' : names.join(', ') || 'none';
}
