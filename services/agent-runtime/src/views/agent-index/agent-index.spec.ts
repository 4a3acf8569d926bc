import { describe, expect, it } from '@jest/globals';
import { isEnd, type AgentId, type AgentRow, type AgentStatus } from '@skynet/contracts';
import { silentLogger } from '@skynet/platform';
import { agentSpawned, anAgentId } from '@skynet/testing';
import { agentRowProjection } from '@skynet/domain-agents';
import fc from 'fast-check';
import { AgentIndex } from './agent-index.js';
import type { PlacedRowsOptions } from './placed-rows.js';
import { RowsOnDisk } from './rows-on-disk.js';

const TENANTS = ['acme', 'globex'];
const STATUSES: readonly AgentStatus[] = ['queued', 'running', 'completed', 'failed'];
const IDS = Array.from({ length: 9 }, (_each, at) => anAgentId(at + 1));
const FAULT = { place: 'agent-1@3', reason: 'torn', isNewer: false };

interface Change {
  readonly agent: number;
  readonly status: AgentStatus;
  readonly isSetAside: boolean;
  readonly children: readonly number[];
}

/** Three trees of three; the last of each tree is a child of its root, and two of each are spawned at one time. */
function rowOf({ agent, status, isSetAside, children }: Change, atMs: number): AgentRow {
  const [agentId, rootId] = [idOf(agent), idOf(agent - (agent % 3))];
  const spawned = { ...agentSpawned({ agentId, rootId }), revision: 0, timeMs: 0 };
  const row = agentRowProjection.evolve(undefined, spawned) as AgentRow;
  const parentId = agentId === rootId ? undefined : rootId;
  return {
    ...row,
    parentId,
    tenant: TENANTS[Math.floor(agent / 6)] ?? '',
    status,
    childIds: children.map((child) => idOf(rootOf(agent) + child)),
    setAside: isSetAside ? FAULT : undefined,
    spawnedAtMs: 1_000 + Math.floor(agent / 2),
    updatedAtMs: 2_000 + atMs,
    endedAtMs: isEnd(status) ? 2_000 + atMs : undefined,
    revision: atMs,
  };
}

const rootOf = (agent: number) => agent - (agent % 3);
const idOf = (agent: number): AgentId => IDS[agent] as AgentId;

/** What the index is to answer, from a list of all rows. */
class PlainRows {
  private readonly rows = new Map<AgentId, AgentRow>();

  get all(): readonly AgentRow[] {
    return [...this.rows.values()].sort(
      (a, b) => a.spawnedAtMs - b.spawnedAtMs || (a.agentId < b.agentId ? -1 : 1),
    );
  }

  get(agentId: AgentId): AgentRow | undefined {
    return this.rows.get(agentId);
  }

  set(row: AgentRow): void {
    this.rows.set(row.agentId, row);
  }

  remove(agentId: AgentId): void {
    this.rows.delete(agentId);
  }

  removeTree(rootId: AgentId): AgentId[] {
    const gone = this.all.filter((row) => row.rootId === rootId).map(({ agentId }) => agentId);
    for (const agentId of gone) this.remove(agentId);
    return gone;
  }

  list({ tenant, rootId, parentId, status }: Filter): readonly AgentRow[] {
    const childIds = parentId === undefined ? undefined : (this.get(parentId)?.childIds ?? []);
    return this.all.filter(
      (row) =>
        row.tenant === tenant &&
        (rootId === undefined || row.rootId === rootId) &&
        (childIds === undefined || (row.parentId === parentId && childIds.includes(row.agentId))) &&
        (status === undefined || row.status === status),
    );
  }
}

type Filter = Pick<Parameters<AgentIndex['list']>[0], 'tenant' | 'rootId' | 'parentId' | 'status'>;

const FILTERS: readonly Filter[] = TENANTS.flatMap((tenant) =>
  [undefined, ...STATUSES].flatMap((status) => [
    { tenant, status },
    ...[0, 3, 6].flatMap((root) => [
      { tenant, status, rootId: idOf(root) },
      { tenant, status, parentId: idOf(root) },
      { tenant, status, parentId: idOf(root), rootId: idOf(0) },
    ]),
  ]),
);

function paged(index: AgentIndex, filter: Filter): AgentRow[] {
  const rows: AgentRow[] = [];
  let cursor: string | undefined;
  do {
    const page = index.list({ ...filter, cursor, limit: 2 });
    rows.push(...page.rows);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return rows;
}

function idsOf(rows: Iterable<AgentRow>): AgentId[] {
  return [...rows].map(({ agentId }) => agentId).sort();
}

function expectSame(index: AgentIndex, plain: PlainRows): void {
  const { all } = plain;
  for (const agentId of IDS) expect(index.get(agentId)).toEqual(plain.get(agentId));
  for (const filter of FILTERS) expect(paged(index, filter)).toEqual(plain.list(filter));
  expect(idsOf(index.all())).toEqual(idsOf(all));
  expect(index.size).toBe(all.length);
  expect(index.trees).toBe(new Set(all.map(({ rootId }) => rootId)).size);
  for (const status of STATUSES) {
    const count = all.filter((row) => row.status === status).length;
    expect(index.counts.get(status) ?? 0).toBe(count);
  }
  const open = all.filter((row) => !isEnd(row.status) || row.setAside !== undefined);
  expect(idsOf(index.open())).toEqual(idsOf(open));
  for (const beforeMs of [2_003, Infinity]) {
    const roots = all.filter(
      (row) => row.agentId === row.rootId && isEnd(row.status) && row.updatedAtMs < beforeMs,
    );
    expect(idsOf(index.endedRoots(beforeMs))).toEqual(idsOf(roots));
  }
  for (const row of all) {
    const areOver = row.childIds.every((id) => isEnd(plain.get(id)?.status ?? 'queued'));
    expect(index.haveChildrenEnded(row)).toBe(areOver);
  }
}

const change = fc.record({
  agent: fc.nat(IDS.length - 1),
  status: fc.constantFrom(...STATUSES, 'completed' as const),
  isSetAside: fc.nat(7).map((chance) => chance === 0),
  children: fc.subarray([1, 2]),
});
const step = fc.oneof(
  { weight: 12, arbitrary: change.map((set) => ({ set })) },
  { weight: 2, arbitrary: fc.nat(IDS.length - 1).map((remove) => ({ remove })) },
  { weight: 1, arbitrary: fc.constantFrom(0, 3, 6).map((removeTree) => ({ removeTree })) },
);

/** Takes so many writes, then no more. */
function diskWithRoomFor(writes: number): () => RowsOnDisk {
  return () => {
    let left = writes;
    const disk = RowsOnDisk.open();
    const put = disk.put.bind(disk);
    return Object.assign(disk, {
      put: (rows: readonly AgentRow[]) => {
        left -= 1;
        if (left < 0) throw new Error('database or disk is full');
        put(rows);
      },
    });
  };
}

function noDisk(): never {
  throw new Error('ENOENT: no such file or directory, mkdtemp');
}

const BOUNDS: readonly [string, PlacedRowsOptions][] = [
  ['no ended tree', { keptRows: 0, movedAtOnce: 1 }],
  ['three rows of ended trees', { keptRows: 3, movedAtOnce: 1 }],
  ['few, moved together', { keptRows: 1, movedAtOnce: 3 }],
  ['all', { keptRows: Infinity }],
  ['what the disk does not take', { keptRows: 0, movedAtOnce: 1, openDisk: diskWithRoomFor(4) }],
  ['all, for want of a disk', { keptRows: 0, movedAtOnce: 1, openDisk: noDisk }],
];

describe.each(BOUNDS)('an index that keeps %s in memory', (_kept, options) => {
  it('answers as a list of all rows does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const [index, plain] = [new AgentIndex(options), new PlainRows()];
        steps.forEach((one, atMs) => {
          if ('set' in one) {
            for (const rows of [index, plain]) rows.set(rowOf(one.set, atMs));
          } else if ('remove' in one) {
            for (const rows of [index, plain]) rows.remove(idOf(one.remove));
          } else {
            const rootId = idOf(one.removeTree);
            expect(index.removeTree(rootId)).toEqual(plain.removeTree(rootId));
          }
        });
        expectSame(index, plain);
        index.close();
      }),
      { numRuns: 60 },
    );
  });
});

const ended = (agent: number, atMs = 0) =>
  rowOf({ agent, status: 'completed', isSetAside: false, children: [] }, atMs);

async function* stored(rows: readonly AgentRow[]): AsyncGenerator<AgentRow> {
  yield* rows;
}

describe('an index with more rows of ended trees than it keeps', () => {
  const options = { keptRows: 2, movedAtOnce: 1 };

  it('keeps those in memory that ended last, and all of trees that go on', () => {
    const index = new AgentIndex(options);
    const running = rowOf({ agent: 6, status: 'running', isSetAside: false, children: [1] }, 0);
    const kept = [running, ended(7), ended(2, 3), ended(1, 2)];
    for (const row of [running, ended(7), ended(3, 1), ended(4, 1), ended(1, 2), ended(2, 3)]) {
      index.set(row);
    }
    expect(index.onDisk).toBe(2);
    // What is in memory is the very row.
    for (const { agentId } of kept) expect(index.get(agentId)).toBe(index.get(agentId));
    for (const agent of [3, 4]) {
      expect(index.get(idOf(agent))).toEqual(ended(agent, 1));
      expect(index.get(idOf(agent))).not.toBe(index.get(idOf(agent)));
    }
  });

  it('tells of each root once while trees leave memory', () => {
    const index = new AgentIndex(options);
    for (const agent of [0, 3]) index.set(ended(agent));
    const roots = index.endedRoots(Infinity);
    const first = roots.next().value as AgentRow;
    index.set(ended(6));
    expect(index.onDisk).toBe(1);
    expect(idsOf([first, ...roots])).toEqual([idOf(0), idOf(3)]);
  });

  it('has one that goes on again in memory', () => {
    const index = new AgentIndex(options);
    for (let agent = 0; agent < 9; agent += 1) index.set(ended(agent, agent));
    const before = index.onDisk;
    index.set({ ...ended(0, 10), setAside: FAULT });
    expect(index.onDisk).toBe(before - 1);
    expect(idsOf(index.open())).toEqual([idOf(0)]);
  });

  it('reads stored rows beside those that it knows, until it is told to know them', async () => {
    const index = new AgentIndex(options);
    index.set(ended(8));
    const know = await index.read(stored(IDS.map((_id, agent) => ended(agent, agent))));
    expect(index.size).toBe(1);
    know();
    expect([index.size, index.onDisk, index.trees]).toEqual([9, 7, 3]);
    expect(index.newestMs).toBe(2_008);
  });

  it('counts what tenants used on the newest day, of rows on disk too', async () => {
    const dayMs = 86_400_000;
    const usage = { inputTokens: 5, outputTokens: 1, costMicroUsd: 2 };
    const cached = { cachedTokens: 0, savedMicroUsd: 0 };
    const calls = {
      ...{ model: 'a:b', calls: 1, failed: 0, ms: 1, slowestMs: 1 },
      ...usage,
      ...cached,
    };
    const ofDays = { modelUse: [0, dayMs].map((of) => ({ ...calls, dayMs: of })) };
    const before = { modelUse: undefined, spent: { ...usage, descendants: 0 } };
    const used = async (fields: Partial<AgentRow>) => {
      const rows = IDS.map((_id, agent) => ({ ...ended(agent, dayMs + agent), ...fields }));
      const index = new AgentIndex({ keptRows: 0, movedAtOnce: 1 });
      (await index.read(stored(rows)))();
      const use = index.useOf('acme');
      return use.usedOnDayOf(dayMs);
    };
    const ofSix = { tokens: 36, costMicroUsd: 12 };
    expect(await Promise.all([used(ofDays), used(before)])).toEqual([ofSix, ofSix]);
  });
});

describe('an index whose disk is full', () => {
  it('says so once, and loses nothing', () => {
    const warnings: string[] = [];
    const log = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
    const index = new AgentIndex({
      keptRows: 0,
      movedAtOnce: 1,
      openDisk: diskWithRoomFor(2),
      log,
    });
    for (let agent = 0; agent < 9; agent += 1) index.set(ended(agent, agent));
    expect([index.size, index.onDisk]).toEqual([9, 2]);
    index.set(ended(0, 20));
    expect([index.size, index.onDisk]).toEqual([9, 1]);
    expect(index.get(idOf(0))?.revision).toBe(20);
    expect(warnings).toHaveLength(1);
  });
});

describe('rows on disk', () => {
  it('are all there or none of them, when a write fails', () => {
    const disk = RowsOnDisk.open();
    disk.put([ended(0)]);
    const cyclic = { ...ended(2), failure: undefined as unknown };
    cyclic.failure = cyclic;
    expect(() => disk.put([ended(1), cyclic as AgentRow])).toThrow();
    expect([disk.size, disk.get(idOf(1))]).toEqual([1, undefined]);
    disk.put([ended(1)]);
    expect(idsOf(disk.all())).toEqual([idOf(0), idOf(1)].sort());
    disk.close();
  });

  it('come a page at a time, each once', () => {
    const disk = RowsOnDisk.open();
    const rows = Array.from({ length: 600 }, (_each, at) => ({
      ...ended(0, at),
      agentId: anAgentId(at + 100),
    }));
    disk.put(rows);
    expect(idsOf(disk.all())).toEqual(idsOf(rows));
    expect([...disk.after({ tenant: 'acme' }, undefined)]).toHaveLength(600);
    expect([...disk.changed(false, 2_010, 2_590)]).toEqual(rows.slice(10, 590));
    disk.close();
  });

  it('tell who looks at them that others have taken their place', async () => {
    const index = new AgentIndex({ keptRows: 0, movedAtOnce: 1 });
    // More than a page of roots.
    for (const row of roots(600)) index.set(row);
    const found = index.endedRoots(Infinity);
    found.next();
    (await index.read(stored([])))();
    expect(() => [...found]).toThrow('read anew');
  });

  it('are told once though they change meanwhile', () => {
    const index = new AgentIndex({ keptRows: 0, movedAtOnce: 1 });
    for (const row of roots(300)) index.set(row);
    const told: AgentId[] = [];
    for (const row of index.endedRoots(Infinity)) {
      if (told.length === 0) index.set({ ...row, updatedAtMs: 9_999 });
      told.push(row.agentId);
    }
    expect(told).toHaveLength(300);
    expect(new Set(told).size).toBe(300);
  });
});

function roots(count: number): AgentRow[] {
  return Array.from({ length: count }, (_each, at) => {
    const agentId = anAgentId(at + 100);
    return { ...ended(0, at), agentId, rootId: agentId };
  });
}
