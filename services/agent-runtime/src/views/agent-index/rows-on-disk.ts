import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { AgentId, AgentRow, QueryRequest } from '@skynet/contracts';
import { WorldError } from '@skynet/platform';
import { FIRST_PLACE, type Place } from './sorted-rows.js';

/** What rows are listed by. */
export type RowFilter = Partial<
  Pick<QueryRequest<'list'>, 'tenant' | 'rootId' | 'parentId' | 'status'>
>;

type Value = string | number | null;

const AT_ONCE = 256;

// A private file that has no name any more: nothing of it outlives the process, so nothing is synced.
const SETTINGS = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = MEMORY;
  PRAGMA synchronous = OFF;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -8000;
`;

const SCHEMA = `
  CREATE TABLE rows (
    agentId TEXT PRIMARY KEY, rootId TEXT, parentId TEXT, tenant TEXT, status TEXT,
    isRoot INTEGER, spawnedAtMs INTEGER, updatedAtMs INTEGER, row TEXT
  );
  CREATE INDEX ofTenant ON rows (tenant, spawnedAtMs, agentId);
  CREATE INDEX ofStatus ON rows (tenant, status, spawnedAtMs, agentId);
  CREATE INDEX ofTree ON rows (rootId, spawnedAtMs, agentId, parentId, status);
  CREATE INDEX byTime ON rows (isRoot, updatedAtMs, agentId);
`;

const COLUMNS = 'agentId, rootId, parentId, tenant, status, isRoot, spawnedAtMs, updatedAtMs, row';

const PUT = `
  INSERT INTO rows (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (agentId) DO UPDATE SET
    rootId = excluded.rootId, parentId = excluded.parentId, tenant = excluded.tenant, status = excluded.status,
    isRoot = excluded.isRoot, spawnedAtMs = excluded.spawnedAtMs, updatedAtMs = excluded.updatedAtMs, row = excluded.row
`;

/** Rows in a private temporary database of this process; what it throws is of the disk or of SQLite. */
export class RowsOnDisk {
  private readonly statements = new Map<string, StatementSync>();
  private count = 0;

  private constructor(private readonly database: DatabaseSync) {
    try {
      database.exec(SETTINGS);
      database.exec(SCHEMA);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** @throws when there is no folder for temporary files, or no room in it */
  static open(): RowsOnDisk {
    // Loaded only by those that need it.
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const folder = mkdtempSync(join(tmpdir(), 'skynet-rows-'));
    try {
      return new RowsOnDisk(new DatabaseSync(join(folder, 'rows')));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  get size(): number {
    return this.count;
  }

  close(): void {
    this.database.close();
  }

  get(agentId: AgentId): AgentRow | undefined {
    const [row] = this.rows('SELECT row FROM rows WHERE agentId = ?', agentId);
    return row;
  }

  has(agentId: AgentId): boolean {
    return this.holds('SELECT 1 FROM rows WHERE agentId = ?', agentId);
  }

  hasTree(rootId: AgentId): boolean {
    return this.holds('SELECT 1 FROM rows WHERE rootId = ? LIMIT 1', rootId);
  }

  childIdsOf({ agentId, rootId }: Pick<AgentRow, 'agentId' | 'rootId'>): ReadonlySet<AgentId> {
    const sql = 'SELECT agentId FROM rows WHERE rootId = ? AND parentId = ?';
    const found = this.statement(sql).all(rootId, agentId) as unknown as {
      readonly agentId: AgentId;
    }[];
    return new Set(found.map(({ agentId }) => agentId));
  }

  /** Takes all of the rows or, when it throws, none. */
  put(rows: readonly AgentRow[]): void {
    const before = this.count;
    this.database.exec('BEGIN');
    try {
      for (const row of rows) {
        if (!this.has(row.agentId)) this.count += 1;
        this.statement(PUT).run(...valuesOf(row));
      }
      this.database.exec('COMMIT');
    } catch (error) {
      this.count = before;
      // SQLite has rolled back by itself where the disk was full.
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      throw error;
    }
  }

  delete(agentId: AgentId): void {
    const { changes } = this.statement('DELETE FROM rows WHERE agentId = ?').run(agentId);
    this.count -= Number(changes);
  }

  /** In order of spawning, those behind the place. */
  *after(filter: RowFilter, place: Place | undefined): Generator<AgentRow, void, undefined> {
    const { where, values } = whereOf(filter);
    const sql = `
      SELECT row FROM rows ${where} AND (spawnedAtMs, agentId) > (?, ?)
      ORDER BY spawnedAtMs, agentId LIMIT ${AT_ONCE}
    `;
    yield* this.pages(place ?? FIRST_PLACE, (last) =>
      this.rows(sql, ...values, last.spawnedAtMs, last.agentId),
    );
  }

  /** Those of roots or of all others whose last event was from then on and before then, the oldest first. */
  *changed(
    isRoot: boolean,
    fromMs: number,
    beforeMs: number,
  ): Generator<AgentRow, void, undefined> {
    const sql = `
      SELECT row FROM rows WHERE isRoot = ? AND (updatedAtMs, agentId) > (?, ?) AND updatedAtMs < ?
      ORDER BY updatedAtMs, agentId LIMIT ${AT_ONCE}
    `;
    const first = { updatedAtMs: fromMs, agentId: FIRST_PLACE.agentId };
    yield* this.pages(first, (last: Pick<AgentRow, 'updatedAtMs' | 'agentId'>) =>
      this.rows(sql, Number(isRoot), last.updatedAtMs, last.agentId, beforeMs),
    );
  }

  /** In the order of their ids. */
  *all(): Generator<AgentRow, void, undefined> {
    const sql = `SELECT row FROM rows WHERE agentId > ? ORDER BY agentId LIMIT ${AT_ONCE}`;
    yield* this.pages(FIRST_PLACE, ({ agentId }: Pick<AgentRow, 'agentId'>) =>
      this.rows(sql, agentId),
    );
  }

  /** Reads a page at a time, so that rows may change while they are looked at. */
  private *pages<Last>(
    first: Last,
    read: (last: Last) => readonly (AgentRow & Last)[],
  ): Generator<AgentRow, void, undefined> {
    let last: Last | undefined = first;
    while (last !== undefined) {
      const page: readonly (AgentRow & Last)[] = read(last);
      yield* page;
      last = page.length < AT_ONCE ? undefined : page.at(-1);
    }
  }

  private holds(sql: string, id: AgentId): boolean {
    return this.statement(sql).get(id) !== undefined;
  }

  private rows(sql: string, ...values: Value[]): AgentRow[] {
    if (!this.database.isOpen) throw new WorldError('the rows were read anew meanwhile', 'later');
    const found = this.statement(sql).all(...values) as unknown as { readonly row: string }[];
    return found.map(({ row }) => JSON.parse(row) as AgentRow);
  }

  private statement(sql: string): StatementSync {
    const known = this.statements.get(sql) ?? this.database.prepare(sql);
    this.statements.set(sql, known);
    return known;
  }
}

function valuesOf(row: AgentRow): Value[] {
  const { agentId, rootId, parentId = null, tenant, status, spawnedAtMs, updatedAtMs } = row;
  const isRoot = Number(agentId === rootId);
  const text = JSON.stringify(row);
  return [agentId, rootId, parentId, tenant, status, isRoot, spawnedAtMs, updatedAtMs, text];
}

/** The index is named: one that SQLite chose might read all rows of a tenant. */
function whereOf(filter: RowFilter): { readonly where: string; readonly values: Value[] } {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  const conditions = given.map(([column]) => `${column} = ?`).join(' AND ');
  const where = `INDEXED BY ${indexFor(filter)} WHERE ${conditions}`;
  return { where, values: given.map(([, value]) => value) };
}

function indexFor({ rootId, status }: RowFilter): string {
  if (rootId !== undefined) return 'ofTree';
  return status === undefined ? 'ofTenant' : 'ofStatus';
}
