import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  auditAnswerSchemas,
  subjects,
  type AuditAnswer,
  type AuditEntry,
  type AuditQuery,
  type AuditRequest,
} from '@skynet/contracts';
import {
  MemoryBroker,
  MemoryEventStore,
  MemoryLog,
  MemoryMessageBus,
  noMetrics,
} from '@skynet/platform';
import { auditKeysSchema, MemoryAuditIntake, verifyAudit } from '@skynet/platform/audit';
import { eventually, ManualClock, recordingLogger } from '@skynet/testing';
import { startAudit, type RunningAudit } from './audit.js';

const START_MS = Date.UTC(2026, 0, 1);

let folder: string;
let clock: ManualClock;
let log: MemoryLog;
let broker: MemoryBroker;
let intake: MemoryAuditIntake;
let logged: ReturnType<typeof recordingLogger>;
let replicas: RunningAudit[];
let told: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-audit-'));
  clock = new ManualClock(START_MS);
  log = new MemoryLog();
  broker = new MemoryBroker();
  intake = new MemoryAuditIntake();
  logged = recordingLogger();
  replicas = [];
  told = 0;
});

afterEach(async () => {
  await Promise.all(replicas.splice(0).map((replica) => replica.stop()));
  await rm(folder, { recursive: true });
});

function start(): RunningAudit {
  const replica = startAudit(
    {
      auditKeyFile: join(folder, 'key.json'),
      auditPublicKeysFile: join(folder, 'audit-keys.json'),
      auditCheckpointsFile: join(folder, 'checkpoints.jsonl'),
    },
    {
      store: new MemoryEventStore(log),
      bus: new MemoryMessageBus(broker, clock),
      metrics: noMetrics,
      log: logged.log,
      intake,
      clock,
    },
  );
  replicas.push(replica);
  return replica;
}

function entry(said: Partial<AuditEntry> = {}): AuditEntry {
  told += 1;
  const timeMs = START_MS + told * 1_000;
  return {
    id: randomUUID(),
    timeMs,
    act: 'spawn_agent',
    outcome: 'allowed',
    tenant: 'acme',
    principal: 'alice',
    ...said,
  };
}

function tell(...entries: readonly AuditEntry[]): void {
  intake.tell(...entries.map((each) => ({ service: 'mcp-edge', entry: each })));
}

async function ask<Q extends AuditQuery>(query: Q, request: AuditRequest<Q>) {
  const answer = await new MemoryMessageBus(broker, clock).request(
    subjects.auditQuery(query),
    request,
  );
  return auditAnswerSchemas[query].parse(answer) as AuditAnswer<Q>;
}

async function whenRecorded(count: number): Promise<void> {
  await eventually(async () => {
    const { jws, seq = -1 } = await ask('head', {});
    expect([jws !== undefined, seq + 1]).toEqual([count > 0, count]);
  });
}

async function exported(): Promise<string[]> {
  const { jws: head } = await ask('head', {});
  const lines = [JSON.stringify({ format: 'skynet-audit', version: 1, from: 0, head })];
  let cursor: string | undefined;
  do {
    const page = await ask('page', { from: 0, cursor });
    lines.push(...page.lines.map((line) => JSON.stringify(line)));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return lines;
}

async function verified() {
  const { keys } = auditKeysSchema.parse(await ask('keys', {}));
  return verifyAudit(await exported(), { keys: { keys } });
}

describe('what services tell', () => {
  it('is a chain that its signatures vouch for, over parts of the log', async () => {
    start();
    tell(...Array.from({ length: 2_345 }, () => entry()));
    await whenRecorded(2_345);
    expect(await verified()).toMatchObject({ records: 2_345, from: 0, to: 2_344 });
  });

  it('is recorded once, however often it comes', async () => {
    start();
    const same = entry();
    tell(same, same, entry(), same);
    await whenRecorded(2);
    tell(same, entry());
    await whenRecorded(3);
    await replicas.splice(0)[0]?.stop();
    tell(same);
    start();
    tell(entry());
    await whenRecorded(4);
  });

  it('is not lost by what is no entry, which leaves a record too', async () => {
    start();
    tell(entry());
    intake.tellNonsense('scheduler');
    tell(entry());
    await whenRecorded(3);
    const { records } = await ask('search', { limit: 10 });
    expect(records.map(({ service, entry: { act } }) => [service, act])).toEqual([
      ['mcp-edge', 'spawn_agent'],
      ['scheduler', 'omitted'],
      ['mcp-edge', 'spawn_agent'],
    ]);
  });

  it('is one chain when two replicas record, also when the one at work ends', async () => {
    const one = start();
    start();
    for (let round = 0; round < 20; round += 1) {
      tell(entry(), entry());
      await clock.advance(1_000);
    }
    await one.stop();
    tell(entry());
    await clock.advance(10_000);
    await whenRecorded(41);
    expect(await verified()).toMatchObject({ records: 41, to: 40 });
  });

  it('goes on behind what was recorded before a restart', async () => {
    const first = start();
    tell(...Array.from({ length: 1_500 }, () => entry()));
    await whenRecorded(1_500);
    await first.stop();
    tell(entry());
    start();
    await whenRecorded(1_501);
    expect(await verified()).toMatchObject({ records: 1_501 });
  });

  it('waits while the log takes nothing, and is said to', async () => {
    const append = MemoryEventStore.prototype.append;
    const replica = start();
    MemoryEventStore.prototype.append = () => Promise.reject(new Error('away'));
    try {
      tell(entry());
      await clock.advance(40_000);
      await expect(replica.healthCheck.check()).rejects.toThrow('acts are not recorded');
    } finally {
      MemoryEventStore.prototype.append = append;
    }
    await clock.advance(2_000);
    await whenRecorded(1);
    await expect(replica.healthCheck.check()).resolves.toBeUndefined();
  });
});

describe('a signature', () => {
  it('follows a minute after a record, in the chain, in a file and in a line of the log', async () => {
    start();
    tell(entry());
    await eventually(async () => {
      expect((await ask('search', { limit: 1 })).records).toHaveLength(1);
    });
    await clock.advance(65_000);
    await eventually(async () => {
      const { lines } = await ask('page', { from: 0 });
      expect(lines.some((line) => 'checkpoint' in line)).toBe(true);
      const kept = await readFile(join(folder, 'checkpoints.jsonl'), 'utf8');
      expect(kept).toMatch(/^\{"seq":0,"jws":"[\w.-]+"\}\n$/);
    });
    expect(logged.lines.some(({ message }) => message === 'audit checkpoint')).toBe(true);
  });

  it('can be checked when its key signs no more', async () => {
    start();
    const [first, ...more] = (await ask('keys', {})).keys;
    expect([first, more]).toEqual([expect.not.objectContaining({ d: expect.anything() }), []]);
    tell(entry());
    await whenRecorded(1);
    await replicas.splice(0)[0]?.stop();
    await rm(join(folder, 'key.json'));
    start();
    tell(entry());
    await whenRecorded(2);
    const { keys } = await ask('keys', {});
    expect([keys[0], keys.length]).toEqual([first, 2]);
    expect((await verified()).fault).toBeUndefined();
  });

  it('is of one key, whichever replica makes it', async () => {
    start();
    start();
    tell(entry());
    await whenRecorded(1);
    await Promise.all([ask('head', {}), ask('head', {}), ask('head', {})]);
    expect((await ask('keys', {})).keys).toHaveLength(1);
  });

  it('is none of an empty chain', async () => {
    start();
    expect(await ask('head', {})).toEqual({});
    expect(await ask('page', { from: 0 })).toEqual({ lines: [] });
    expect(await ask('search', { limit: 5 })).toEqual({ records: [] });
  });
});

describe('a question', () => {
  it('finds what was asked for, newest first, of the own tenant', async () => {
    start();
    for (let count = 0; count < 30; count += 1) {
      tell(
        entry({ act: 'login', outcome: 'refused', target: { kind: 'user', id: 'bob' } }),
        entry({ tenant: 'other' }),
        entry({ principal: 'carol' }),
        entry({ tenant: undefined, principal: undefined, act: 'access', outcome: 'refused' }),
      );
    }
    await whenRecorded(120);
    const logins = await ask('list', { tenant: 'acme', act: 'login', target: 'bob', limit: 20 });
    expect(logins.records.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 20 }, (_, index) => 116 - index * 4),
    );
    const more = await ask('list', {
      tenant: 'acme',
      act: 'login',
      limit: 20,
      cursor: logins.cursor,
    });
    expect(more.records.at(-1)?.seq).toBe(0);
    expect(more.cursor).toBeUndefined();
    const all = await ask('list', { tenant: 'acme', limit: 200 });
    expect(new Set(all.records.map(({ entry: { tenant } }) => tenant))).toEqual(new Set(['acme']));
    expect(all.records).toHaveLength(60);
    expect((await ask('search', { limit: 200 })).records).toHaveLength(120);
    const untilMs = START_MS + 10_000;
    expect((await ask('search', { limit: 200, untilMs })).records).toHaveLength(10);
  });

  it('finds one record by its number, of the own tenant', async () => {
    start();
    tell(...Array.from({ length: 1_001 }, () => entry()), entry({ tenant: 'other' }));
    await whenRecorded(1_002);
    const one = async (seq: number) =>
      (await ask('list', { tenant: 'acme', seq, limit: 1 })).records.map((record) => record.seq);
    expect(await one(1_000)).toEqual([1_000]);
    expect(await one(3)).toEqual([3]);
    expect(await one(1_001)).toEqual([]);
    expect(await one(99_999)).toEqual([]);
  });

  it('pages over parts of the chain', async () => {
    start();
    tell(...Array.from({ length: 1_100 }, () => entry()), entry({ act: 'login' }));
    await whenRecorded(1_101);
    const seqs: number[] = [];
    let cursor: string | undefined;
    do {
      const found = await ask('search', { act: 'spawn_agent', limit: 150, cursor });
      seqs.push(...found.records.map(({ seq }) => seq));
      cursor = found.cursor;
    } while (cursor !== undefined);
    expect(seqs).toEqual(Array.from({ length: 1_100 }, (_, index) => 1_099 - index));
  });

  it.each(['x', '1', '1.2.3', '-1.0'])('with the cursor %j is refused', async (cursor) => {
    start();
    await expect(ask('search', { limit: 1, cursor })).rejects.toThrow('cursor');
  });
});
