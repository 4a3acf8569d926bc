import { isEnd, type AgentId, type AgentRow } from '@skynet/contracts';
import { silentLogger, type Logger } from '@skynet/platform';
import { hasSettled, RowsInMemory } from './rows-in-memory.js';
import { RowsOnDisk, type RowFilter } from './rows-on-disk.js';
import { comparePlaces, type Place } from './sorted-rows.js';

/** About 2 KiB each. */
const KEPT_ROWS = 20_000;
/** They take a few milliseconds. */
const MOVED_AT_ONCE = 256;

export interface PlacedRowsOptions {
  /** Rows of ended trees that stay in memory. Default: 20,000. */
  readonly keptRows?: number;
  /** Rows that leave memory together. Default: 256. */
  readonly movedAtOnce?: number;
  /** Default: `RowsOnDisk.open`. */
  readonly openDisk?: () => RowsOnDisk;
  /** Default: nobody is told that the disk does not take rows. */
  readonly log?: Logger;
}

/**
 * Rows of all agents, each in one place: in memory, or, when its tree is among those that ended long ago, on disk. A disk
 * that takes no more rows leaves the others in memory.
 */
export class PlacedRows {
  private readonly memory = new RowsInMemory();
  private disk: RowsOnDisk | undefined;
  private isDiskWell = true;
  private treeCount = 0;

  constructor(private readonly options: PlacedRowsOptions) {}

  get size(): number {
    return this.memory.size + this.onDisk;
  }

  get onDisk(): number {
    return this.disk?.size ?? 0;
  }

  get trees(): number {
    return this.treeCount;
  }

  close(): void {
    this.disk?.close();
    this.disk = undefined;
    this.isDiskWell = false;
  }

  get(agentId: AgentId): AgentRow | undefined {
    return this.memory.get(agentId) ?? this.disk?.get(agentId);
  }

  /** In no order. */
  *all(): Generator<AgentRow, void, undefined> {
    yield* this.memory.all();
    yield* this.disk?.all() ?? [];
  }

  /** Those of agents that have not ended or whose logs can't be read on; never on disk. */
  open(): AgentRow[] {
    return [...this.memory.all()].filter((row) => !hasSettled(row));
  }

  /** Those whose last event was from then on and before then, each once though rows move meanwhile. */
  *changed(
    fromMs: number,
    { beforeMs = Infinity, roots }: { readonly beforeMs?: number; readonly roots: boolean },
  ): Generator<AgentRow, void, undefined> {
    const found = [...this.memory.all()].filter(
      ({ agentId, rootId, updatedAtMs }) =>
        (agentId === rootId) === roots && updatedAtMs >= fromMs && updatedAtMs < beforeMs,
    );
    const told = new Set(found.map(({ agentId }) => agentId));
    yield* found;
    for (const row of this.disk?.changed(roots, fromMs, beforeMs) ?? []) {
      if (told.has(row.agentId)) continue;
      told.add(row.agentId);
      yield row;
    }
  }

  /** Takes the row in place of `before`, which is the one known. */
  set(row: AgentRow, before: AgentRow | undefined): void {
    const { agentId } = row;
    if (before === undefined && !this.hasTree(row.rootId)) this.treeCount += 1;
    const wasOnDisk = before !== undefined && this.memory.get(agentId) === undefined;
    if (wasOnDisk && hasSettled(row) && this.write([row])) return;
    if (wasOnDisk) this.disk?.delete(agentId);
    this.memory.set(row);
    this.moveOldest();
  }

  /** Takes away rows of one tree. */
  remove(rows: readonly AgentRow[]): void {
    const inMemory = rows.flatMap(({ agentId }) => this.memory.get(agentId) ?? []);
    this.memory.remove(inMemory);
    for (const { agentId } of rows) this.disk?.delete(agentId);
    const [first] = rows;
    if (first !== undefined && !this.hasTree(first.rootId)) this.treeCount -= 1;
  }

  /** In order of spawning, those behind the place. */
  *list(filter: RowFilter, place: Place | undefined): Generator<AgentRow, void, undefined> {
    const { parentId } = filter;
    const parent = parentId === undefined ? undefined : this.get(parentId);
    if (parentId === undefined) {
      yield* merged(this.memory.after(filter, place), this.disk?.after(filter, place) ?? []);
    } else if (parent !== undefined) {
      yield* this.children(parent, filter, place);
    }
  }

  /** Whether there are rows of all children of the agent, and they have ended. */
  haveChildrenEnded(parent: AgentRow): boolean {
    let onDisk: ReadonlySet<AgentId> | undefined;
    return parent.childIds.every((childId) => {
      const row = this.memory.get(childId);
      if (row !== undefined) return isEnd(row.status);
      onDisk ??= this.disk?.childIdsOf(parent) ?? new Set();
      return onDisk.has(childId) || (this.disk?.has(childId) ?? false);
    });
  }

  /** Those that the parent knows of; all of them belong to its tree. */
  private *children(
    { childIds, rootId }: AgentRow,
    filter: RowFilter,
    place: Place | undefined,
  ): Generator<AgentRow, void, undefined> {
    if (filter.rootId !== undefined && filter.rootId !== rootId) return;
    const ofTree = { ...filter, rootId };
    const onDisk = among(new Set(childIds), this.disk?.after(ofTree, place) ?? []);
    yield* merged(this.memory.among(childIds, ofTree, place), onDisk);
  }

  private hasTree(rootId: AgentId): boolean {
    return this.memory.hasTree(rootId) || (this.disk?.hasTree(rootId) ?? false);
  }

  private moveOldest(): void {
    const { keptRows = KEPT_ROWS, movedAtOnce = MOVED_AT_ONCE } = this.options;
    if (!this.isDiskWell || this.memory.ended < keptRows + movedAtOnce) return;
    const rows = this.memory.oldest(movedAtOnce);
    if (this.write(rows)) this.memory.remove(rows);
  }

  /** Whether they are on disk. */
  private write(rows: readonly AgentRow[]): boolean {
    const { openDisk = () => RowsOnDisk.open(), log = silentLogger } = this.options;
    if (!this.isDiskWell) return false;
    try {
      this.disk ??= openDisk();
      this.disk.put(rows);
      return true;
    } catch (error) {
      this.isDiskWell = false;
      log.warn('rows of ended agents stay in memory: no room in the folder for temporary files', {
        error,
      });
      return false;
    }
  }
}

function* among(
  agentIds: ReadonlySet<AgentId>,
  rows: Iterable<AgentRow>,
): Generator<AgentRow, void, undefined> {
  for (const row of rows) if (agentIds.has(row.agentId)) yield row;
}

/** Both in one order. */
function* merged(
  these: Iterator<AgentRow>,
  others: Iterable<AgentRow>,
): Generator<AgentRow, void, undefined> {
  let next = these.next();
  for (const other of others) {
    while (!next.done && comparePlaces(next.value, other) < 0) {
      yield next.value;
      next = these.next();
    }
    yield other;
  }
  while (!next.done) {
    yield next.value;
    next = these.next();
  }
}
