import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AGENT_ROWS, streamNames, type AgentId } from '@skynet/contracts';
import {
  CHECKPOINTS,
  FORGETTING_NOTES,
  newAgentId,
  noMetrics,
  type Metrics,
} from '@skynet/platform';
import { whileNothingIsForgotten } from '@skynet/platform/operations';
import { anAgentId, eventually, ManualClock } from '@skynet/testing';
import { faultyStore, keepingStore } from '../testing/faulty-store.js';
import { askedRetention, notedTrees } from '../testing/asked-retention.js';
import { RuntimeWorld, type RuntimeOptions } from '../testing/runtime-world.js';
import { endWorld } from '../testing/world-of-test.js';

const KEPT_MS = 300_000;
const ECHO = { model: { id: 'scripted:echo' } };
const TREE = { description: '{"depth":3,"fanOut":2}', model: { id: 'scripted:tree' } };
const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });
const SPAWN = call('spawn_agent', { task: { description: 'below' } });
const AGENTS = 7;
const NOBODY = anAgentId(99);
/** Deleting it tells whether the log lets streams go. */
const OF_NOBODY = 'agent-00000000-0000-0000-0000-000000000000';
const KEPT: RuntimeOptions = { retention: { afterMs: KEPT_MS } };

let world: RuntimeWorld;
let counted: Record<string, number>;
let rootId: AgentId;

const metrics: Metrics = {
  ...noMetrics,
  counter: (name) => ({
    add: (count) => {
      counted[name] = (counted[name] ?? 0) + count;
    },
  }),
};

beforeEach(async () => {
  counted = {};
  rootId = NOBODY;
  world = await RuntimeWorld.create(new ManualClock());
});

afterEach(() => endWorld(world));

async function endedTree(): Promise<AgentId> {
  const spawned = await world.spawn(TREE);
  await world.ended(spawned);
  return spawned;
}

async function echoed(): Promise<AgentId> {
  const agentId = await world.spawn(ECHO);
  await world.ended(agentId);
  return agentId;
}

/** So that the log does not end in what was before. */
const somethingElse = echoed;

async function listed(): Promise<string[]> {
  const { rows } = await world.ask('list', { tenant: 'acme', limit: 100 });
  return rows.map(({ rootId }) => rootId);
}

async function storedRows(): Promise<number> {
  const bucket = await world.rowsIn(AGENT_ROWS);
  const { entries } = await bucket.scan('', { limit: 1_000 });
  return entries.filter(({ value }) => value.rootId === rootId).length;
}

function streamsOf(root: AgentId): string[] {
  const commits = world.memory.entries.flatMap(({ commit }) => commit ?? []);
  const own = commits.filter(({ events }) => events[0]?.metadata.correlationId === root);
  return [...new Set(own.map(({ stream }) => stream))];
}

/** Resolves when nothing is left of the tree, anywhere. */
async function gone(): Promise<void> {
  await eventually(async () => {
    await world.clock.advance(1_000);
    expect(streamsOf(rootId)).toEqual([]);
    expect(await storedRows()).toBe(0);
    expect(await listed()).not.toContain(rootId);
    expect((await notedTrees(world)).length).toBe(0);
  });
}

/** Whoever was to go would be gone by then. */
async function roundsPass(): Promise<void> {
  for (let minute = 0; minute < 2; minute += 1) {
    await world.clock.advance(60_000);
    for (let turn = 0; turn < 5; turn += 1) await world.clock.advance(20);
  }
}

describe('a tree that ended longer ago than trees are kept', () => {
  it('leaves log, rows, lists and memory as a whole, and others stay', async () => {
    await world.start({ ...KEPT, metrics });
    rootId = await endedTree();
    await world.clock.advance(KEPT_MS / 2);
    const later = await somethingElse();
    expect(await askedRetention(world)).toMatchObject({ agents: AGENTS + 1, trees: 2, ended: 1 });
    await world.clock.advance(KEPT_MS / 2 + 60_000);
    await gone();
    expect((await world.ask('agent', { tenant: 'acme', agentId: rootId })).row).toBeUndefined();
    expect(
      await world.ask('events', { tenant: 'acme', agentId: rootId, from: 0, limit: 9 }),
    ).toEqual({
      found: false,
      events: [],
    });
    expect(await listed()).toEqual([later]);
    expect(await askedRetention(world)).toMatchObject({ agents: 1, trees: 1, forgotten: 1 });
    expect(counted).toMatchObject({ skynet_trees_forgotten: 1, skynet_retention_failures: 0 });
    expect(await world.rebuild()).toMatchObject({ rows: 1, equal: 1 });
  });

  it('stays as long as an agent of it has not ended', async () => {
    let isBroken = true;
    const ends = ['AgentTerminated'];
    await world.start({
      ...KEPT,
      store: (store) =>
        faultyStore(store, (stream, types) => {
          const isChild = stream !== streamNames.agent(rootId);
          return isBroken && isChild && types.some((type) => ends.includes(type));
        }),
    });
    rootId = await world.spawn();
    const model = await world.models.next();
    model.answer({ toolCalls: [SPAWN, call('await_agents')] });
    await world.models.next();
    await world.send('TerminateAgent', { agentId: rootId, reason: 'enough' });
    await somethingElse();
    await world.clock.advance(KEPT_MS);
    await roundsPass();
    expect(streamsOf(rootId)).toHaveLength(2);
    const { named } = (await askedRetention(world)).kept;
    expect(named.find((kept) => kept.rootId === rootId)?.reason).toContain('has not ended');
    isBroken = false;
  });

  it('takes children along that were called off before they began', async () => {
    await world.start(KEPT);
    rootId = await world.spawn();
    (await world.models.next()).answer({ toolCalls: [SPAWN] });
    await world.models.next();
    await world.send('TerminateAgent', { agentId: rootId, reason: 'enough' });
    const { childIds } = await world.row(rootId);
    const child = streamNames.agent(childIds[0] ?? NOBODY);
    await eventually(async () => expect(await world.store.read(child)).toHaveLength(1));
    await somethingElse();
    await world.clock.advance(KEPT_MS);
    await gone();
    expect(await world.store.read(child)).toEqual([]);
  });

  it('stays as long as the log ends in it', async () => {
    await world.start(KEPT);
    rootId = await endedTree();
    await world.clock.advance(KEPT_MS);
    await roundsPass();
    expect(streamsOf(rootId)).toHaveLength(AGENTS);
    await somethingElse();
    await gone();
  });

  it('stays as long as a fork of it has not ended', async () => {
    await world.start(KEPT);
    rootId = await echoed();
    const agentId = newAgentId(world.clock);
    const from = { agentId: rootId, revision: world.eventsOf(rootId).length - 1 };
    await world.send('ForkAgent', { agentId, from, model: { id: 'puppet:x' }, message: 'more' });
    await world.models.next();
    await world.clock.advance(KEPT_MS);
    await roundsPass();
    expect(streamsOf(rootId)).toHaveLength(1);
    await world.send('TerminateAgent', { agentId, reason: 'enough' });
    await gone();
    expect((await world.row(agentId)).forkedFrom).toMatchObject({ agentId: rootId });
    expect(streamsOf(agentId)).toHaveLength(1);
  });

  it('is kept for ever when nobody says for how long', async () => {
    await world.start();
    rootId = await endedTree();
    await somethingElse();
    await world.clock.advance(10 * KEPT_MS);
    await roundsPass();
    expect(streamsOf(rootId)).toHaveLength(AGENTS);
    expect(await askedRetention(world, { days: KEPT_MS / 86_400_000 })).toMatchObject({
      keptForMs: 0,
      ended: 1,
      due: { count: 1, rootIds: [rootId] },
    });
  });

  it('is a new one when the same spawn is sent again', async () => {
    await world.start(KEPT);
    rootId = await echoed();
    await somethingElse();
    await world.clock.advance(KEPT_MS);
    await gone();
    const task = { description: 'again' };
    const spawn = { agentId: rootId, arguments: { task, ...ECHO } };
    expect(await world.send('SpawnAgent', spawn)).toMatchObject({ ok: true });
    await eventually(async () =>
      expect(await world.row(rootId)).toMatchObject({ status: 'completed', task: 'again' }),
    );
  });
});

describe('a tree that is half forgotten', () => {
  it.each([0, 1, 3, AGENTS - 1])(
    'by a process that died after %i streams is forgotten by the next one',
    async (deletions) => {
      let left = deletions;
      const dying = await world.start({
        ...KEPT,
        store: (store) =>
          keepingStore(store, (stream) => {
            if (!streamsOf(rootId).includes(stream)) return undefined;
            left -= 1;
            return left < 0 ? 'later' : undefined;
          }),
      });
      rootId = await endedTree();
      await somethingElse();
      await world.clock.advance(KEPT_MS);
      await eventually(async () => {
        await world.clock.advance(1_000);
        expect(await notedTrees(world)).toHaveLength(1);
        expect(streamsOf(rootId)).toHaveLength(AGENTS - deletions);
      });
      await dying.stop();
      await world.start({ ...KEPT, workerId: 'next' });
      await gone();
      expect(await listed()).toHaveLength(1);
      expect(await askedRetention(world)).toMatchObject({ trees: 1, agents: 1 });
    },
  );

  it('is ended also when only rows are left, and trees are kept for ever from now on', async () => {
    const dying = await world.start({
      ...KEPT,
      store: (store) =>
        keepingStore(store, (stream) =>
          stream === streamNames.agent(rootId) ? 'later' : undefined,
        ),
    });
    rootId = await endedTree();
    await somethingElse();
    await world.clock.advance(KEPT_MS);
    await eventually(async () => {
      await world.clock.advance(1_000);
      expect(streamsOf(rootId)).toEqual([streamNames.agent(rootId)]);
    });
    await dying.stop();
    const root = await world.store.read(streamNames.agent(rootId));
    await world.store.deleteStream(streamNames.agent(rootId), root.length - 1);
    await world.start({ workerId: 'next' });
    await gone();
  });
});

describe('a replica that does not lead', () => {
  it('hears that a tree is gone', async () => {
    const first = await world.start(KEPT);
    rootId = await endedTree();
    await somethingElse();
    await world.start({ ...KEPT, workerId: 'second' });
    await world.clock.advance(KEPT_MS);
    await gone();
    await first.stop();
    expect(await listed()).toHaveLength(1);
  });
});

describe('a log that somebody reads from its beginning to its end', () => {
  it('loses no tree until that is over', async () => {
    await world.start(KEPT);
    rootId = await endedTree();
    await somethingElse();
    const reading = Promise.withResolvers<void>();
    let hasBegun = false;
    const held = whileNothingIsForgotten(world.states, world.clock, () => {
      hasBegun = true;
      return reading.promise;
    });
    await eventually(() => expect(hasBegun).toBe(true));
    await world.clock.advance(KEPT_MS);
    await roundsPass();
    expect(streamsOf(rootId)).toHaveLength(AGENTS);
    reading.resolve();
    await held;
    await gone();
  });
});

describe('the replica that leads', () => {
  it('asks once for what others have begun, however many rounds it makes', async () => {
    const notes = await world.rowsIn(CHECKPOINTS);
    const entries = notes.entries.bind(notes);
    let asked = 0;
    notes.entries = (prefix) => {
      if (prefix === FORGETTING_NOTES) asked += 1;
      return entries(prefix);
    };
    await world.start(KEPT);
    rootId = await endedTree();
    await somethingElse();
    await world.clock.advance(KEPT_MS);
    await gone();
    await roundsPass();
    expect(asked).toBe(1);
  });

  it('waits for its next round when of many trees none could go', async () => {
    await world.start({
      ...KEPT,
      metrics,
      store: (store) =>
        keepingStore(store, (stream) => (stream === OF_NOBODY ? undefined : 'later')),
    });
    for (let tree = 0; tree < 120; tree += 1) await echoed();
    await world.clock.advance(KEPT_MS + 60_000);
    for (let turn = 0; turn < 400; turn += 1) await world.clock.advance(20);
    expect(counted).toMatchObject({ skynet_retention_failures: 100 });
    await world.clock.advance(60_000);
    for (let turn = 0; turn < 400; turn += 1) await world.clock.advance(20);
    expect(counted['skynet_retention_failures']).toBeGreaterThan(100);
  });
});

describe('a log that keeps all', () => {
  it('is said to, and nothing is begun', async () => {
    await world.start({
      ...KEPT,
      metrics,
      store: (store) => keepingStore(store, () => 'never'),
    });
    rootId = await endedTree();
    await somethingElse();
    await world.clock.advance(KEPT_MS);
    await roundsPass();
    expect(streamsOf(rootId)).toHaveLength(AGENTS);
    expect(await notedTrees(world)).toEqual([]);
    expect(await askedRetention(world)).toMatchObject({ refusal: 'it stays', due: { count: 1 } });
    expect(counted).toMatchObject({ skynet_retention_failures: 1 });
  });
});
