import { isEnd, type AgentRow } from '@skynet/contracts';
import { TenantLoad } from '@skynet/domain-scheduling';

const NOTHING = new TenantLoad();

/** What each tenant has under way, kept from the rows of its agents. */
export class TenantLoads {
  private readonly loads = new Map<string, TenantLoad>();

  of(tenant: string): Pick<TenantLoad, 'liveAgents' | 'runningTrees' | 'waitingTrees'> {
    return this.loads.get(tenant) ?? NOTHING;
  }

  /** One row took the place of the other. */
  change(before: AgentRow | undefined, after: AgentRow | undefined): void {
    const was = liveRow(before);
    const is = liveRow(after);
    const row = is ?? was;
    if (row === undefined) return;
    const load = this.loads.get(row.tenant) ?? new TenantLoad();
    if (was === undefined) load.add(row);
    if (is === undefined) load.remove(row);
    else if (is.agentId === is.rootId && hasRun(is)) load.start(is.rootId);
    if (load.isIdle) this.loads.delete(row.tenant);
    else this.loads.set(row.tenant, load);
  }
}

/** What is not read on is not waited for either. */
function liveRow(row: AgentRow | undefined): AgentRow | undefined {
  return row?.setAside === undefined && row && !isEnd(row.status) ? row : undefined;
}

/** The row does not tell that a slot was given, only that the agent ran. */
function hasRun({ childIds, ranMs, resumesAs, runningSinceMs, spent, status }: AgentRow): boolean {
  if ((resumesAs ?? status) !== 'queued' || runningSinceMs !== undefined) return true;
  return ranMs > 0 || spent.inputTokens > 0 || childIds.length > 0;
}
