import {
  agentIdOfStream,
  readAgentEvent,
  type AgentId,
  type AgentRow,
  type AgentStatus,
  type QueryRequest,
} from '@skynet/contracts';
import { agentRowProjection } from '@skynet/domain-agents';
import type { Commit } from '@skynet/platform';
import { SortedRows } from './sorted-rows.js';

export interface RowPage {
  readonly rows: readonly AgentRow[];
  readonly cursor?: string;
}

/** The rows of all agents in memory, kept by folding the log; answers lists and trees. */
export class AgentIndex {
  private readonly rows = new Map<AgentId, AgentRow>();
  private readonly byTenant = new Map<string, SortedRows>();
  private readonly byRoot = new Map<AgentId, SortedRows>();
  private readonly byStatus = new Map<AgentStatus, number>();

  /** How many agents have each status. */
  get counts(): ReadonlyMap<AgentStatus, number> {
    return this.byStatus;
  }

  get(agentId: AgentId): AgentRow | undefined {
    return this.rows.get(agentId);
  }

  /** Takes rows as they were stored, in place of all that was known. */
  replace(rows: readonly AgentRow[]): void {
    for (const known of [this.rows, this.byTenant, this.byRoot, this.byStatus]) known.clear();
    for (const row of rows) this.set(row);
  }

  /** The agent's row after the commit; undefined when it has none. */
  fold(commit: Commit): AgentRow | undefined {
    const agentId = agentIdOfStream(commit.stream);
    if (agentId === undefined) return undefined;
    const before = this.rows.get(agentId);
    let row = before;
    for (const stored of commit.events) {
      const { revision, timeMs } = stored;
      row = agentRowProjection.evolve(row, { ...readAgentEvent(stored), revision, timeMs });
    }
    if (row !== undefined && row !== before) this.set(row);
    return row;
  }

  /** In order of spawning. */
  list(query: QueryRequest<'list'>): RowPage {
    const { tenant, parentId, rootId, status, cursor, limit } = query;
    const candidates = rootId === undefined ? this.byTenant.get(tenant) : this.byRoot.get(rootId);
    const matches = (row: AgentRow) =>
      row.tenant === tenant &&
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

  private set(row: AgentRow): void {
    const before = this.rows.get(row.agentId);
    this.rows.set(row.agentId, row);
    if (before !== undefined) this.count(before.status, -1);
    this.count(row.status, 1);
    if (before !== undefined) return;
    groupOf(this.byTenant, row.tenant).add(row);
    groupOf(this.byRoot, row.rootId).add(row);
  }
}

function groupOf<Key>(groups: Map<Key, SortedRows>, key: Key): SortedRows {
  const group = groups.get(key) ?? new SortedRows();
  groups.set(key, group);
  return group;
}

function cursorOf(row: AgentRow | undefined): string | undefined {
  return row === undefined ? undefined : SortedRows.cursorOf(row);
}
