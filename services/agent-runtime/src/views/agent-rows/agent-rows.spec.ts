import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AGENT_ROWS, type AgentId } from '@skynet/contracts';
import { anAgentId, eventually, ManualClock } from '@skynet/testing';
import { stallingStore } from '../../testing/faulty-store.js';
import { RuntimeWorld } from '../../testing/runtime-world.js';
import { endWorld } from '../../testing/world-of-test.js';

const OTHER = 'agents_b';
const NOBODY = anAgentId(99);
const ECHO = { model: { id: 'scripted:echo' } };

let world: RuntimeWorld;

beforeEach(async () => {
  world = await RuntimeWorld.create(new ManualClock());
});

afterEach(() => endWorld(world));

async function echoed(count: number): Promise<AgentId[]> {
  const agentIds: AgentId[] = [];
  for (let index = 0; index < count; index += 1) {
    const agentId = await world.spawn(ECHO);
    await world.ended(agentId);
    agentIds.push(agentId);
  }
  return agentIds;
}

async function storedRow(agentId: AgentId, bucket = AGENT_ROWS) {
  return (await (await world.rowsIn(bucket)).get(agentId))?.value;
}

/** Resolves when the row of an agent that has ended says so. */
async function shown(agentId: AgentId, bucket = AGENT_ROWS): Promise<void> {
  await eventually(async () =>
    expect(await storedRow(agentId, bucket)).toHaveProperty('endedAtMs'),
  );
}

async function listed(): Promise<string[]> {
  const { rows } = await world.ask('list', { tenant: 'acme', limit: 100 });
  return rows.map(({ task }) => task);
}

/** As a projection with a mistake would have written it. */
async function spoil(agentId: AgentId): Promise<void> {
  const row = await storedRow(agentId);
  if (row === undefined) throw new Error('no row');
  await (await world.rowsIn(AGENT_ROWS)).put(agentId, { ...row, task: 'spoilt' });
}

describe('rows that are rebuilt', () => {
  it('are the same as before, in the other bucket', async () => {
    await world.start();
    const agentIds = await echoed(3);
    await Promise.all(agentIds.map((agentId) => shown(agentId)));
    const before = await Promise.all(agentIds.map((agentId) => storedRow(agentId)));
    expect(await world.rebuild()).toEqual({
      bucket: OTHER,
      rows: 3,
      equal: 3,
      different: { count: 0, agentIds: [] },
      moved: 0,
    });
    expect(await Promise.all(agentIds.map((agentId) => storedRow(agentId, OTHER)))).toEqual(before);
  });

  it('are right again where they were wrong, and lists show them', async () => {
    await world.start();
    const [first, second] = (await echoed(2)) as [AgentId, AgentId];
    await Promise.all([shown(first), shown(second)]);
    await spoil(second);
    expect(await world.rebuild()).toMatchObject({
      equal: 1,
      different: { count: 1, agentIds: [second] },
    });
    expect((await storedRow(second, OTHER))?.task).toBe('count the stars');
    await world.start({ workerId: 'worker-2' });
    expect(await listed()).toEqual(['count the stars', 'count the stars']);
  });

  it('are what the next events are written to, while the old ones stay', async () => {
    await world.start();
    const [before] = (await echoed(1)) as [AgentId];
    await shown(before);
    await world.rebuild();
    const [after] = (await echoed(1)) as [AgentId];
    await shown(after, OTHER);
    expect(await storedRow(after)).toBeUndefined();
    expect(await storedRow(before)).toBeDefined();
  });

  it('take the place of the old ones at the next rebuild, without what is gone', async () => {
    await world.start();
    const [agentId] = (await echoed(1)) as [AgentId];
    await shown(agentId);
    await world.rebuild();
    const old = await world.rowsIn(AGENT_ROWS);
    const row = await storedRow(agentId);
    if (row === undefined) throw new Error('no row');
    await old.put(NOBODY, { ...row, agentId: NOBODY });
    expect(await world.rebuild()).toMatchObject({ bucket: AGENT_ROWS, rows: 1, equal: 1 });
    expect(await old.get(NOBODY)).toBeUndefined();
  });

  it('lose nothing of an agent that runs meanwhile', async () => {
    await world.start();
    const agentId = await world.spawn();
    const turn = await world.models.next();
    const [rebuilt] = await Promise.all([world.rebuild(), echoed(5)]);
    expect(rebuilt.different.count).toBe(0);
    turn.answer({ text: 'seven' });
    await world.ended(agentId);
    await shown(agentId, OTHER);
    expect(await storedRow(agentId, OTHER)).toMatchObject({ status: 'completed', output: 'seven' });
    expect(await listed()).toHaveLength(6);
  });
});

describe('a rebuild that is asked for twice at the same time', () => {
  it('is done once', async () => {
    await world.start();
    await echoed(1);
    const [first, second] = await Promise.allSettled([world.rebuild(), world.rebuild()]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ reason: { retry: 'later' } });
  });
});

describe('a replica that finds an empty state store', () => {
  it('builds all rows from the log by itself', async () => {
    const first = await world.start();
    const agentIds = await echoed(3);
    await Promise.all(agentIds.map((agentId) => shown(agentId)));
    const before = await Promise.all(agentIds.map((agentId) => storedRow(agentId)));
    await first.stop();
    world.forgetState();
    await world.start({ workerId: 'worker-2' });
    await Promise.all(agentIds.map((agentId) => shown(agentId)));
    expect(await Promise.all(agentIds.map((agentId) => storedRow(agentId)))).toEqual(before);
    expect(await listed()).toHaveLength(3);
  });
});

describe('a replica that does not get on in the log', () => {
  it('says so within 12 s, and takes it back when it goes on', async () => {
    const { clock } = world;
    let gate = Promise.resolve();
    const runtime = await world.start({ store: (store) => stallingStore(store, () => gate) });
    await clock.advance(1_000);
    await expect(runtime.reading.healthCheck.check()).resolves.toBeUndefined();
    const { promise, resolve: open } = Promise.withResolvers<void>();
    gate = promise;
    const [agentId] = await Promise.all([world.spawn(ECHO), clock.advance(12_000)]);
    await expect(runtime.reading.healthCheck.check()).rejects.toThrow('behind the log');
    open();
    await shown(agentId);
    await clock.advance(1_000);
    await expect(runtime.reading.healthCheck.check()).resolves.toBeUndefined();
  });
});
