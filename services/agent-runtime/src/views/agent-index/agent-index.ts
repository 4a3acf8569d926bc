import type { AgentId, AgentRow, AgentStatus, QueryRequest } from '@skynet/contracts';
import type { TenantUse } from '@skynet/domain-scheduling';
import type { AgentRecord } from '../../log/agent-commit.js';
import { compareRows, SortedRows } from './sorted-rows.js';
import { TenantLoads } from './tenant-loads.js';
import { TenantUses } from './tenant-uses.js';

export interface RowPage {
  readonly rows: readonly AgentRow[];
  readonly cursor?: string;
}

/** The rows of all agents in memory, answers lists and trees. */
export class AgentIndex {
  private readonly rows = new Map<AgentId, AgentRow>();
  private readonly byTenant = new Map<string, SortedRows>();
  private readonly byRoot = new Map<AgentId, SortedRows>();
  private readonly byStatus = new Map<AgentStatus, number>();
  private readonly loads = new TenantLoads();
  private readonly uses = new TenantUses();

  /** How many agents have each status. */
  get counts(): ReadonlyMap<AgentStatus, number> {
    return this.byStatus;
  }

  get(agentId: AgentId): AgentRow | undefined {
    return this.rows.get(agentId);
  }

  /** Trees of the tenant that have not started. */
  waitingTreesOf(tenant: string): number {
    return this.loads.of(tenant).waitingTrees;
  }

  /** What the tenant has under way. */
  loadOf(tenant: string): ReturnType<TenantLoads['of']> {
    return this.loads.of(tenant);
  }

  useOf(tenant: string): TenantUse {
    return this.uses.of(tenant);
  }

  /** In no order. */
  all(): Iterable<AgentRow> {
    return this.rows.values();
  }

  /** Takes rows as they were stored, in place of all that was known. */
  replace(rows: readonly AgentRow[]): void {
    const all = [this.rows, this.byTenant, this.byRoot, this.byStatus, this.loads];
    for (const known of all) known.clear();
    // In the order of the groups, so that each row is added at the end of its own.
    for (const row of rows.toSorted(compareRows)) this.set(row);
    this.uses.replace(rows, (agentId) => this.rows.get(agentId));
  }

  /** Takes the row of an agent in which these events are new. */
  add(row: AgentRow, events: readonly AgentRecord[]): void {
    this.set(row);
    this.uses.observe(row, events);
  }

  /** Takes the row in place of the one known. */
  set(row: AgentRow): void {
    const before = this.rows.get(row.agentId);
    this.rows.set(row.agentId, row);
    this.loads.change(before, row);
    if (before !== undefined) this.count(before.status, -1);
    this.count(row.status, 1);
    if (before !== undefined) return;
    groupOf(this.byTenant, row.tenant).add(row);
    groupOf(this.byRoot, row.rootId).add(row);
  }

  get size(): number {
    return this.rows.size;
  }

  /** Trees of which something is known. */
  get trees(): number {
    return this.byRoot.size;
  }

  /** All rows of the tree are gone; whose they were. */
  removeTree(rootId: AgentId): AgentId[] {
    const agentIds = [...(this.byRoot.get(rootId)?.after(undefined) ?? [])];
    for (const agentId of agentIds) this.remove(agentId);
    return agentIds;
  }

  /** Does nothing when there is no row. */
  remove(agentId: AgentId): void {
    const row = this.rows.get(agentId);
    if (row === undefined) return;
    this.rows.delete(agentId);
    this.loads.change(row, undefined);
    this.count(row.status, -1);
    removeFrom(this.byTenant, row.tenant, row);
    removeFrom(this.byRoot, row.rootId, row);
  }

  /** In order of spawning. */
  list(query: QueryRequest<'list'>): RowPage {
    const { tenant, parentId, rootId, status, cursor, limit } = query;
    const candidates = rootId === undefined ? this.byTenant.get(tenant) : this.byRoot.get(rootId);
    const matches = (row: AgentRow) =>
      row.tenant === tenant &&
      (rootId === undefined || row.rootId === rootId) &&
      (parentId === undefined || row.parentId === parentId) &&
      (status === undefined || row.status === status);
    const source =
      parentId === undefined ? candidates?.after(cursor) : this.childrenOf(parentId, cursor);
    const rows: AgentRow[] = [];
    for (const agentId of source ?? []) {
      const row = this.rows.get(agentId);
      if (row === undefined || !matches(row)) continue;
      if (rows.length === limit) return { rows, cursor: cursorOf(rows.at(-1)) };
      rows.push(row);
    }
    return { rows };
  }

  private *childrenOf(parentId: AgentId, cursor: string | undefined): Iterable<AgentId> {
    const sorted = new SortedRows();
    for (const childId of this.rows.get(parentId)?.childIds ?? []) {
      const row = this.rows.get(childId);
      if (row !== undefined) sorted.add(row);
    }
    yield* sorted.after(cursor);
  }

  private count(status: AgentStatus, change: number): void {
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + change);
  }
}

function groupOf<Key>(groups: Map<Key, SortedRows>, key: Key): SortedRows {
  const group = groups.get(key) ?? new SortedRows();
  groups.set(key, group);
  return group;
}

function removeFrom<Key>(groups: Map<Key, SortedRows>, key: Key, row: AgentRow): void {
  const group = groups.get(key);
  group?.remove(row);
  if (group?.isEmpty) groups.delete(key);
}

function cursorOf(row: AgentRow | undefined): string | undefined {
  return row === undefined ? undefined : SortedRows.cursorOf(row);
}
