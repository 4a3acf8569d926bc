import {
  agentIdOf,
  getUsageTool,
  hasRole,
  rejection,
  type AgentId,
  type Principal,
} from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import type { Clock } from '@skynet/platform';
import type { z } from 'zod';
import { reportSpan, usageReportShape } from '../../views/usage/usage-report-shape.js';
import { usageShape } from '../../views/usage/usage-shape.js';
import type { ViewQueries } from '../../views/view-queries.js';
import { agentNotFound, edgeTool, no, yes, type EdgeTool } from '../edge-tool.js';

type Wishes = z.output<typeof getUsageTool.input>;

/** Rows are read for it, of many agents. */
const REPORT_WITHIN_MS = 15_000;

export function getUsage(
  queries: ViewQueries,
  clock: Pick<Clock, 'nowMs'>,
  isOperator: (principal: Principal) => boolean,
): EdgeTool {
  const isOfTree = async (tenant: string, rootId: AgentId) => {
    const { row } = await queries.ask('agent', { tenant, agentId: rootId });
    if (row === undefined) return agentNotFound(rootId);
    if (row.rootId === rootId) return undefined;
    return no(rejection('INVALID_ARGUMENTS', `rootId: that agent is in the tree ${row.rootId}`));
  };
  const reportOf = async (wishes: Wishes, principal: Principal) => {
    const { tenant } = principal;
    const allTenants = wishes.by === 'tenant';
    if (allTenants && !(isOperator(principal) && hasRole(principal, 'admin'))) {
      return no(rejection('FORBIDDEN', 'by tenant: for those who run the deployment'));
    }
    const rootId = wishes.rootId === undefined ? undefined : agentIdOf(wishes.rootId);
    const span = reportSpan(wishes, clock.nowMs(), rootId !== undefined);
    if (span.sinceMs >= span.untilMs) {
      return no(rejection('INVALID_ARGUMENTS', 'until: is before since'));
    }
    const refused = rootId && (await isOfTree(tenant, rootId));
    if (refused !== undefined) return refused;
    const asked = { tenant, allTenants, ...span, ...(rootId !== undefined && { rootId }) };
    const answer = await queries.ask('usageReport', asked, REPORT_WITHIN_MS);
    return usageReportShape(asked, answer);
  };
  return edgeTool(getUsageTool, async (wishes, { principal }) => {
    const { tenant } = principal;
    const usage = usageShape(tenant, await queries.ask('usage', { tenant }));
    if (Object.keys(wishes).length === 0) return yes(usage);
    const report = await reportOf(wishes, principal);
    return isRefused(report) ? report : yes({ ...usage, report });
  });
}
