import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentEventData, AgentId } from '@skynet/contracts';
import { eventually, ManualClock } from '@skynet/testing';
import { faultyStore } from './testing/faulty-store.js';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await RuntimeWorld.create(new ManualClock());
});
afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });
const spawning = (...tasks: readonly string[]) => ({
  toolCalls: [
    ...tasks.map((description) => call('spawn_agent', { task: { description } })),
    call('await_agents'),
  ],
});

/** Types of events in each commit of the agent. */
function commitsOf(agentId: AgentId): string[][] {
  const commits = new Map<string, string[]>();
  for (const { type, metadata } of world.eventsOf(agentId)) {
    const { id } = metadata.commit;
    commits.set(id, [...(commits.get(id) ?? []), type]);
  }
  return [...commits.values()];
}

function slotsOf(agentId: AgentId): AgentEventData<'AgentAdmitted'>['slot'][] {
  return world
    .eventsOf(agentId)
    .filter(({ type }) => type === 'AgentAdmitted')
    .map(({ data }) => (data as AgentEventData<'AgentAdmitted'>).slot);
}

/** A root that has parked with children at work, their models asked. */
async function aFamily(...tasks: readonly string[]) {
  const root = await world.spawn();
  (await world.models.next()).answer(spawning(...tasks));
  const turns = await Promise.all(tasks.map(() => world.models.next()));
  const { childIds } = await world.row(root);
  return { root, childIds, turns };
}

describe('a slot that the scheduler gives', () => {
  it('is taken in the commit that begins the run, by the worker that is told of it', async () => {
    await world.start({ slots: 1 });
    const root = await world.spawn();
    (await world.models.next()).answer({ text: 'done' });
    await world.ended(root);
    expect(commitsOf(root)).toEqual([
      ['AgentSpawned'],
      ['AgentAdmitted', 'RunStarted', 'ModelCallStarted'],
      ['ModelCallSettled', 'AgentCompleted'],
    ]);
    expect(slotsOf(root)).toEqual([{ kind: 'given' }]);
    expect(world.queue.pushed).toBe(0);
  });

  it('goes through the queue where that worker has no room', async () => {
    await world.start({ slots: 1 });
    const [first, second] = [await world.spawn(), await world.spawn()];
    expect(commitsOf(second)).toEqual([['AgentSpawned'], ['AgentAdmitted']]);
    (await world.models.next()).answer({ text: 'done' });
    await world.ended(first);
    await world.clock.advance(1_000);
    (await world.models.next()).answer({ text: 'done' });
    await world.ended(second);
    expect(world.queue).toMatchObject({ pushed: 1, outstanding: 0 });
  });

  it('is for the turn it was given for, and for no later one', async () => {
    await world.start();
    const root = await world.spawn();
    (await world.models.next()).answer({ text: 'done' });
    await world.ended(root);
    const before = world.typesOf(root).length;
    await world.send('AdmitAgents', { agents: [{ agentId: root, queuedRevision: 0 }] });
    await world.clock.advance(0);
    expect(world.typesOf(root)).toHaveLength(before);
  });
});

describe('a slot that a parked parent has left', () => {
  it('is its child’s at once: a leaf of one turn is two commits, and its parent goes on in the one that tells of its end', async () => {
    await world.start({ slots: 1 });
    const { root, childIds, turns } = await aFamily('one');
    const [child] = childIds as [AgentId];
    turns[0]?.answer({ text: 'seven' });
    (await world.models.next()).answer({ text: 'done' });
    expect(await world.ended(root)).toMatchObject({ status: 'completed', output: 'done' });
    expect(commitsOf(child)).toEqual([
      ['AgentSpawned', 'AgentAdmitted', 'RunStarted', 'ModelCallStarted'],
      ['ModelCallSettled', 'AgentCompleted'],
    ]);
    expect(commitsOf(root).slice(-2)).toEqual([
      ['ChildEnded', 'AwaitEnded', 'AgentWoken', 'AgentAdmitted', 'RunStarted', 'ModelCallStarted'],
      ['ModelCallSettled', 'AgentCompleted'],
    ]);
    expect(slotsOf(child)).toEqual([{ kind: 'kept', of: root }]);
    expect(slotsOf(root)).toEqual([{ kind: 'given' }, { kind: 'kept', of: child }]);
    expect(world.queue.outstanding).toBe(0);
  });

  it('is for one of several, while lent ones are for the others; one commit tells of all ends', async () => {
    await world.start();
    const { root, childIds, turns } = await aFamily('one', 'two', 'three');
    const kinds = childIds.flatMap(slotsOf).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(['kept', 'lent', 'lent']);
    for (const turn of turns) turn.answer({ text: 'done' });
    (await world.models.next()).answer({ text: 'all' });
    await world.ended(root);
    const told = commitsOf(root).filter((types) => types.includes('ChildEnded'));
    expect(told).toHaveLength(1);
  });

  it('serves siblings one after the other in a worker that has no other', async () => {
    await world.start({ slots: 1 });
    const root = await world.spawn();
    (await world.models.next()).answer(spawning('one', 'two'));
    for (const text of ['one', 'two']) {
      const turn = await world.models.next();
      expect(world.running).toBe(1);
      turn.answer({ text });
    }
    (await world.models.next()).answer({ text: 'all' });
    expect(await world.ended(root)).toMatchObject({ status: 'completed' });
  });

  it('is not waited for when it does not become free: the child goes through the queue', async () => {
    await world.start({ slots: 1 });
    await world.start({ workerId: 'worker-2', slots: 1 });
    const root = await world.spawn();
    (await world.models.next()).answer(spawning('one', 'two'));
    const first = await world.models.next();
    await world.clock.advance(250);
    // The worker without room may have got it first, and puts it back.
    await world.clock.advance(50);
    const second = await world.models.next();
    expect(world.running).toBe(2);
    first.answer({ text: 'one' });
    second.answer({ text: 'two' });
    await world.clock.advance(1_000);
    (await world.models.next()).answer({ text: 'all' });
    expect(await world.ended(root)).toMatchObject({ status: 'completed' });
    const kinds = (await world.row(root)).childIds.flatMap(slotsOf).map(({ kind }) => kind);
    expect(kinds).toEqual(['kept', 'given']);
  });

  it('is not taken after its time by a child of which the log could not be told before', async () => {
    let isAway = true;
    const fails = (_stream: string, types: readonly string[]) =>
      isAway && types.includes('AgentSpawned') && types.includes('RunStarted');
    await world.start({ slots: 1, store: (own) => faultyStore(own, fails) });
    const root = await world.spawn();
    (await world.models.next()).answer(spawning('one'));
    await world.seen(root, 'AgentParked');
    await world.clock.advance(1_001);
    isAway = false;
    await world.clock.advance(5_000);
    (await world.models.next()).answer({ text: 'seven' });
    (await world.models.next()).answer({ text: 'done' });
    expect(await world.ended(root)).toMatchObject({ status: 'completed', output: 'done' });
    const [child] = (await world.row(root)).childIds as [AgentId];
    expect(slotsOf(child)).toEqual([{ kind: 'given' }]);
  });
});

describe('a slot that was lent', () => {
  it('is not taken after its time by a start that the log has not confirmed', async () => {
    let backMs = Infinity;
    const refused = new Set<string>();
    const isAway = (stream: string, types: readonly string[]) => {
      const isBegin = types.includes('AgentSpawned') && types.includes('RunStarted');
      if (!isBegin || world.clock.nowMs() >= backMs) return false;
      refused.add(stream);
      return true;
    };
    await world.start({ store: (store) => faultyStore(store, isAway) });
    const root = await world.spawn();
    (await world.models.next()).answer(spawning('one', 'two'));
    // On the slot that the root has left, and on the lent one.
    await eventually(() => expect(refused.size).toBe(2));
    backMs = world.clock.nowMs() + 501;
    for (let moment = 0; moment < 50; moment += 1) await world.clock.advance(100);
    for (const text of ['one', 'two']) (await world.models.next()).answer({ text });
    await world.clock.advance(3_000);
    (await world.models.next()).answer({ text: 'all' });
    expect(await world.ended(root)).toMatchObject({ status: 'completed' });
    const kinds = (await world.row(root)).childIds.flatMap(slotsOf).map(({ kind }) => kind);
    expect(kinds).not.toContain('lent');
  });
});

describe('ends of children', () => {
  it('that come while others of the wait are at work here are told within a second', async () => {
    await world.start();
    const { root, childIds, turns } = await aFamily('one', 'two');
    turns[0]?.answer({ text: 'done' });
    await world.ended(childIds[0] as AgentId);
    await world.clock.advance(999);
    expect(world.typesOf(root)).not.toContain('ChildEnded');
    await world.clock.advance(1);
    await world.seen(root, 'ChildEnded');
  });

  it('are told by others when the worker that keeps them back dies', async () => {
    let isAlive = true;
    const store = faultyStore;
    await world.start({
      workerId: 'dying',
      store: (own) => store(own, () => !isAlive),
    });
    const { root, turns } = await aFamily('one', 'two');
    turns[0]?.answer({ text: 'done' });
    await world.ended((await world.row(root)).childIds[0] as AgentId);
    isAlive = false;
    const second = await world.start({ workerId: 'second' });
    await second.reading.lead({ epoch: 2, validUntilMs: () => Infinity });
    await world.clock.advance(2_000);
    await world.seen(root, 'ChildEnded');
  });
});

describe('a tree that is paused', () => {
  it('starts no child on the slot that its parent leaves', async () => {
    await world.start({ slots: 1 });
    const root = await world.spawn();
    const turn = await world.models.next();
    await world.send('PauseAgent', { agentId: root });
    turn.answer(spawning('one'));
    await world.seen(root, 'AgentParked');
    const [child] = (await world.row(root)).childIds as [AgentId];
    await world.clock.advance(2_000);
    await world.seen(child, 'AgentPaused');
    expect(world.models.count).toBe(1);
    await world.send('ResumeAgent', { agentId: root });
    await world.clock.advance(50);
    (await world.models.next()).answer({ text: 'seven' });
    (await world.models.next()).answer({ text: 'done' });
    expect(await world.ended(root)).toMatchObject({ status: 'completed' });
  });
});
