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
  const lines = [
    ...Object.entries(load).map(([name, value]) => `  ${name}: ${value}`),
    'quotas',
    ...Object.entries(amounts).map(([name, value]) => `  ${name}: ${value}`),
    ...Object.entries(ceilings).map(([name, value]) => `  ceilings.${name}: ${value}`),
    `  models: ${models?.join(', ') ?? 'all'}`,
    `  toolServers: ${toolServers?.join(', ') ?? 'all'}`,
  ];
  return [tenant, ...lines.map(oneLine)];
}

function ofQuota(used: number, most: number | undefined): string {
  return most === undefined ? String(used) : `${used} of ${most}`;
}
