import { isEnd, type AgentId, type AgentRow } from '@skynet/contracts';
import { comparePlaces, SortedRows, type Place } from './sorted-rows.js';
import type { RowFilter } from './rows-on-disk.js';

interface Tree {
  readonly agents: SortedRows;
  /** Those of them that something may still become of. */
  open: number;
}

/** Rows in memory, and which trees among them are over. */
export class RowsInMemory {
  private readonly rows = new Map<AgentId, AgentRow>();
  private readonly byTenant = new Map<string, SortedRows>();
  private readonly trees = new Map<AgentId, Tree>();
  /** Trees without open rows; those that have been so the longest come first. */
  private readonly over = new Set<AgentId>();
  private overRows = 0;

  get size(): number {
    return this.rows.size;
  }

  /** Rows of trees that are over. */
  get ended(): number {
    return this.overRows;
  }

  get(agentId: AgentId): AgentRow | undefined {
    return this.rows.get(agentId);
  }

  hasTree(rootId: AgentId): boolean {
    return this.trees.has(rootId);
  }

  all(): Iterable<AgentRow> {
    return this.rows.values();
  }

  set(row: AgentRow): void {
    const before = this.rows.get(row.agentId);
    this.rows.set(row.agentId, row);
    const tree = this.trees.get(row.rootId) ?? { agents: new SortedRows(), open: 0 };
    this.trees.set(row.rootId, tree);
    this.change(row.rootId, tree, () => {
      tree.open += Number(!hasSettled(row));
      if (before !== undefined) tree.open -= Number(!hasSettled(before));
      else tree.agents.add(row);
    });
    if (before !== undefined) return;
    const ofTenant = this.byTenant.get(row.tenant) ?? new SortedRows();
    this.byTenant.set(row.tenant, ofTenant);
    ofTenant.add(row);
  }

  remove(rows: readonly AgentRow[]): void {
    for (const [tenant, gone] of Map.groupBy(rows, (row) => row.tenant)) {
      const ofTenant = this.byTenant.get(tenant);
      ofTenant?.remove(gone);
      if (ofTenant?.size === 0) this.byTenant.delete(tenant);
    }
    for (const [rootId, gone] of Map.groupBy(rows, (row) => row.rootId)) {
      const tree = this.trees.get(rootId);
      if (tree === undefined) continue;
      this.change(rootId, tree, () => {
        tree.open -= gone.filter((row) => !hasSettled(row)).length;
        tree.agents.remove(gone);
      });
    }
    for (const { agentId } of rows) this.rows.delete(agentId);
  }

  /** Rows of the trees that have been over the longest. */
  oldest(count: number): AgentRow[] {
    const rows: AgentRow[] = [];
    for (const rootId of this.over) {
      for (const agentId of this.trees.get(rootId)?.agents.after(undefined) ?? []) {
        const row = this.rows.get(agentId);
        if (row !== undefined) rows.push(row);
        if (rows.length === count) return rows;
      }
    }
    return rows;
  }

  /** In order of spawning, those behind the place. */
  after(filter: RowFilter, place: Place | undefined): Generator<AgentRow, void, undefined> {
    const { rootId, tenant = '' } = filter;
    const known = rootId === undefined ? this.byTenant.get(tenant) : this.trees.get(rootId)?.agents;
    return this.matching(known ?? new SortedRows(), filter, place);
  }

  /** The same, of these agents. */
  among(
    agentIds: readonly AgentId[],
    filter: RowFilter,
    place: Place | undefined,
  ): Generator<AgentRow, void, undefined> {
    const sorted = new SortedRows();
    const rows = agentIds.flatMap((agentId) => this.rows.get(agentId) ?? []);
    for (const row of rows.sort(comparePlaces)) sorted.add(row);
    return this.matching(sorted, filter, place);
  }

  private *matching(
    agents: SortedRows,
    filter: RowFilter,
    place: Place | undefined,
  ): Generator<AgentRow, void, undefined> {
    for (const agentId of agents.after(place)) {
      const row = this.rows.get(agentId);
      if (row !== undefined && matches(row, filter)) yield row;
    }
  }

  private change(rootId: AgentId, tree: Tree, apply: () => void): void {
    if (this.over.delete(rootId)) this.overRows -= tree.agents.size;
    apply();
    if (tree.agents.size === 0) this.trees.delete(rootId);
    else if (tree.open === 0) {
      this.over.add(rootId);
      this.overRows += tree.agents.size;
    }
  }
}

/** Whether the agent has ended and all of its log is in the row. */
export function hasSettled({ setAside, status }: AgentRow): boolean {
  return isEnd(status) && setAside === undefined;
}

function matches(row: AgentRow, { tenant, rootId, parentId, status }: RowFilter): boolean {
  return (
    (tenant === undefined || row.tenant === tenant) &&
    (rootId === undefined || row.rootId === rootId) &&
    (parentId === undefined || row.parentId === parentId) &&
    (status === undefined || row.status === status)
  );
}
