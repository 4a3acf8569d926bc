import {
  DAY_MS,
  isEnd,
  type AgentId,
  type AgentRow,
  type AgentStatus,
  type QueryRequest,
} from '@skynet/contracts';
import type { TenantUse } from '@skynet/domain-scheduling';
import type { AgentRecord } from '../../log/agent-commit.js';
import { ModelRecords } from './model-records.js';
import { PlacedRows, type PlacedRowsOptions } from './placed-rows.js';
import { cursorOf, placeOf } from './sorted-rows.js';
import { TenantLoads } from './tenant-loads.js';
import { TenantUses } from './tenant-uses.js';

export interface RowPage {
  readonly rows: readonly AgentRow[];
  readonly cursor?: string;
}

/** The rows of all agents, answers lists and trees without asking anybody. */
export class AgentIndex {
  private rows: PlacedRows;
  private byStatus = new Map<AgentStatus, number>();
  private loads = new TenantLoads();
  private uses = new TenantUses();
  private records = new ModelRecords();
  private newest = 0;

  constructor(private readonly options: PlacedRowsOptions = {}) {
    this.rows = new PlacedRows(options);
  }

  /** How many agents have each status. */
  get counts(): ReadonlyMap<AgentStatus, number> {
    return this.byStatus;
  }

  get size(): number {
    return this.rows.size;
  }

  /** Of them, those that are not in memory. */
  get onDisk(): number {
    return this.rows.onDisk;
  }

  /** Trees of which something is known. */
  get trees(): number {
    return this.rows.trees;
  }

  /** Time of the newest event that was ever in a row here. */
  get newestMs(): number {
    return this.newest;
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

  /** What became of the agents of that kind that ended in the last week; undefined when none did. */
  recordOf(...kind: Parameters<ModelRecords['of']>): ReturnType<ModelRecords['of']> {
    return this.records.of(...kind);
  }

  /** In no order. */
  all(): Iterable<AgentRow> {
    return this.rows.all();
  }

  /** Those of agents that have not ended or whose logs can't be read on, in no order. */
  open(): readonly AgentRow[] {
    return this.rows.open();
  }

  /** Those of roots that have ended and had their last event before that time, in no order. */
  *endedRoots(beforeMs: number): Generator<AgentRow, void, undefined> {
    for (const row of this.rows.changed(0, { beforeMs, roots: true })) {
      if (isEnd(row.status)) yield row;
    }
  }

  /** Of one tree, in order of spawning. */
  tree(rootId: AgentId): Iterable<AgentRow> {
    return this.rows.list({ rootId }, undefined);
  }

  /** Those whose last event was from then on, each once: first those that have not ended, then, roughly, the newest. */
  *changedSince(fromMs: number): Generator<AgentRow, void, undefined> {
    const open = this.open().filter(({ updatedAtMs }) => updatedAtMs >= fromMs);
    const told = new Set(open.map(({ agentId }) => agentId));
    yield* open;
    // Each stretch is twice as long as all behind it, so that there are few however long ago the first is.
    let endMs = this.newest + 1;
    for (let days = 1; endMs > fromMs; days *= 2) {
      const startMs = Math.max(fromMs, this.newest + 1 - days * DAY_MS);
      for (const row of this.changedBetween(startMs, endMs)) {
        if (!told.has(row.agentId)) yield row;
      }
      endMs = startMs;
    }
  }

  /** Whether there are rows of all children of the agent, and they have ended. */
  haveChildrenEnded(row: AgentRow): boolean {
    return this.rows.haveChildrenEnded(row);
  }

  /** Reads rows as they were stored; from the call of what it returns they are known, in place of all others. */
  async read(stored: AsyncIterable<AgentRow>): Promise<() => void> {
    const next = new AgentIndex(this.options);
    try {
      for await (const row of stored) next.set(row);
      await next.uses.read(next.rowsOfUse(), next.newest, (agentId) => next.get(agentId));
    } catch (error) {
      next.close();
      throw error;
    }
    return () => this.become(next);
  }

  /** Takes the row of an agent in which these events are new. */
  add(row: AgentRow, events: readonly AgentRecord[]): void {
    this.set(row);
    this.uses.observe(row, events);
  }

  /** Takes the row in place of the one known. */
  set(row: AgentRow): void {
    const before = this.rows.get(row.agentId);
    this.rows.set(row, before);
    this.loads.change(before, row);
    this.records.change(before, row);
    if (before !== undefined) this.count(before.status, -1);
    this.count(row.status, 1);
    this.newest = Math.max(this.newest, row.updatedAtMs);
  }

  /** All rows of the tree are gone; whose they were. */
  removeTree(rootId: AgentId): AgentId[] {
    const rows = [...this.tree(rootId)];
    this.removeRows(rows);
    return rows.map(({ agentId }) => agentId);
  }

  /** Does nothing when there is no row. */
  remove(agentId: AgentId): void {
    const row = this.rows.get(agentId);
    if (row !== undefined) this.removeRows([row]);
  }

  /** In order of spawning. */
  list(query: QueryRequest<'list'>): RowPage {
    const { tenant, parentId, rootId, status, cursor, limit } = query;
    const place = cursor === undefined ? undefined : placeOf(cursor);
    const rows: AgentRow[] = [];
    for (const row of this.rows.list({ tenant, parentId, rootId, status }, place)) {
      const last = rows.at(-1);
      if (rows.length === limit) return { rows, cursor: last && cursorOf(last) };
      rows.push(row);
    }
    return { rows };
  }

  /** Frees what it has on disk; not to be used any more. */
  close(): void {
    this.rows.close();
  }

  private become({ rows, byStatus, loads, uses, records, newest }: AgentIndex): void {
    this.rows.close();
    this.rows = rows;
    this.byStatus = byStatus;
    this.loads = loads;
    this.uses = uses;
    this.records = records;
    this.newest = newest;
  }

  private rowsOfUse(): Iterable<AgentRow> {
    return this.changedBetween(TenantUses.startMs(this.newest), Infinity);
  }

  private *changedBetween(fromMs: number, beforeMs: number): Generator<AgentRow, void, undefined> {
    yield* this.rows.changed(fromMs, { beforeMs, roots: true });
    yield* this.rows.changed(fromMs, { beforeMs, roots: false });
  }

  private removeRows(rows: readonly AgentRow[]): void {
    this.rows.remove(rows);
    for (const row of rows) {
      this.loads.change(row, undefined);
      this.records.change(row, undefined);
      this.count(row.status, -1);
    }
  }

  private count(status: AgentStatus, change: number): void {
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + change);
  }
}
