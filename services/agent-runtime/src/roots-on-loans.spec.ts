import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  COMMAND_VALID_MS,
  streamNames,
  subjects,
  type AgentEventData,
  type AgentId,
  type CommandReply,
  type SlotsWanted,
} from '@skynet/contracts';
import { newAgentId } from '@skynet/platform';
import { eventually, ManualClock } from '@skynet/testing';
import { contestedStore, faultyStore } from './testing/faulty-store.js';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await RuntimeWorld.create(new ManualClock());
  world.scheduler.lendsToRoots = 10;
});
afterEach(() => endWorld(world));

function slotsOf(agentId: AgentId): string[] {
  return world
    .eventsOf(agentId)
    .filter(({ type }) => type === 'AgentAdmitted')
    .map(({ data }) => (data as AgentEventData<'AgentAdmitted'>).slot.kind);
}

async function asksOf(work: () => Promise<unknown>): Promise<number> {
  let asks = 0;
  const stop = world.bus.onHint(subjects.slotsWanted, () => {
    asks += 1;
  });
  await work();
  stop();
  return asks;
}

/** Resolves with the next such hint. */
function hinted(subject: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = world.bus.onHint(subject, () => {
      stop();
      resolve();
    });
  });
}

/** Another process makes the agent with the arguments of that one. */
function bearAs(agentId: AgentId, like: AgentId): void {
  const { memory } = world;
  const [spawned] = world.eventsOf(like);
  if (spawned === undefined) throw new Error('nothing to be like');
  const id = newAgentId();
  const data = { ...(spawned.data as object), agentId, rootId: agentId };
  const metadata = { ...spawned.metadata, commit: { id, index: 0, size: 1 } };
  const stream = streamNames.agent(agentId);
  const events = [{ ...spawned, id, stream, data, metadata }];
  memory.add({ stream, id, revision: 0, position: memory.nextPosition, events });
}

describe('a tree for which a slot is lent', () => {
  it('begins with its run, in one commit, of which the spawn is told', async () => {
    await world.start();
    const root = await world.spawn();
    const types = world.eventsOf(root).map(({ type }) => type);
    expect(types).toEqual(['AgentSpawned', 'AgentAdmitted', 'RunStarted', 'ModelCallStarted']);
    expect(new Set(world.eventsOf(root).map(({ metadata }) => metadata.commit.id)).size).toBe(1);
    expect(slotsOf(root)).toEqual(['lent']);
    (await world.models.next()).answer({ text: 'done' });
    expect(await world.ended(root)).toMatchObject({ status: 'completed' });
  });

  it('is spawned once when the spawn is repeated, and refused to other arguments', async () => {
    await world.start();
    const agentId = await world.spawn();
    const again = (description: string) =>
      world.send('SpawnAgent', { agentId, arguments: { task: { description } } });
    expect(await again('count the stars')).toMatchObject({ ok: true, agentId });
    expect(await again('count the moons')).toMatchObject({ ok: false });
    expect(world.eventsOf(agentId)).toHaveLength(4);
  });

  it('is not begun with the task of another spawn of the same id', async () => {
    world.scheduler.admits = false;
    world.scheduler.lendsToRoots = 0;
    await world.start();
    const agentId = await world.spawn();
    world.scheduler.lendsToRoots = 1;
    const other = await world.start({ workerId: 'worker-2' });
    const reply = await other.commands.handle('SpawnAgent', {
      id: newAgentId(),
      type: 'SpawnAgent',
      tenant: 'acme',
      principal: 'alice',
      notAfterMs: world.clock.nowMs() + 1_000,
      data: { agentId, arguments: { task: { description: 'count the moons' } } },
    });
    expect(reply).toMatchObject({ ok: false });
    expect(world.eventsOf(agentId).map(({ type }) => type)).toEqual(['AgentSpawned']);
  });

  it('is spawned once when two ask for it at the same time', async () => {
    await world.start();
    const agentId = newAgentId(world.clock);
    const ask = () =>
      world.send('SpawnAgent', { agentId, arguments: { task: { description: 'both' } } });
    const replies = await Promise.all([ask(), ask()]);
    expect(replies.map((reply) => reply?.ok)).toEqual([true, true]);
    // The loan is that of one of them; where the other one was first, the agent begins by the queue.
    await world.seen(agentId, 'RunStarted');
    expect(world.eventsOf(agentId).filter(({ type }) => type === 'RunStarted')).toHaveLength(1);
    // The other one is told that it was there.
    expect(replies.filter((reply) => reply?.ok && reply.position !== undefined)).toHaveLength(1);
  });

  it('does not begin for other arguments than those that somebody else was quicker with', async () => {
    const other = newAgentId(world.clock);
    let isContested = true;
    await world.start({
      store: (own) =>
        contestedStore(own, (stream) => {
          if (stream !== streamNames.agent(other) || !isContested) return;
          isContested = false;
          bearAs(other, first);
        }),
    });
    const first = await world.spawn();
    await world.models.next();
    const args = { task: { description: 'act' }, tools: ['tools__act'] };
    const reply = await world.send('SpawnAgent', { agentId: other, arguments: args });
    expect(reply).toMatchObject({ ok: false, error: { code: 'IDEMPOTENCY_CONFLICT' } });
    const { request } = await world.models.next();
    expect(request.tools.map(({ name }) => name)).not.toContain('tools__act');
    expect(slotsOf(other)).toEqual(['given']);
  });

  it('is refused at once when its stream can not be read', async () => {
    await world.start();
    const agentId = newAgentId(world.clock);
    world.memory.addDamage(streamNames.agent(agentId), 'it has no header that names its commit');
    const args = { task: { description: 'count' } };
    const reply = await world.send('SpawnAgent', { agentId, arguments: args });
    expect(reply).toMatchObject({ ok: false });
  });
});

/** The reply to a spawn for which a slot is lent, and whose log is away for so long. */
async function spawnedWithoutLog(ms: number): Promise<CommandReply | undefined> {
  const tried = Promise.withResolvers<void>();
  let isAway = true;
  const fails = () => {
    tried.resolve();
    return isAway;
  };
  await world.start({ store: (own) => faultyStore(own, fails) });
  const agentId = newAgentId(world.clock);
  const spawn = world.send('SpawnAgent', { agentId, arguments: { task: { description: 'late' } } });
  await tried.promise;
  await world.clock.advance(ms);
  isAway = false;
  await world.clock.advance(5_000);
  return spawn;
}

describe('a tree for which no slot is lent', () => {
  it('is spawned into the queue, and for a while none is asked for', async () => {
    world.scheduler.lendsToRoots = 0;
    await world.start();
    expect(await asksOf(async () => [await world.spawn(), await world.spawn()])).toBe(1);
    await world.clock.advance(100);
    expect(await asksOf(() => world.spawn())).toBe(1);
  });

  it('is spawned into the queue beside those for which there is one', async () => {
    world.scheduler.lendsToRoots = 1;
    await world.start();
    const roots = await Promise.all([world.spawn(), world.spawn()]);
    await eventually(() => expect(roots.map(slotsOf).flat().sort()).toEqual(['given', 'lent']));
  });

  it('does not wait for a scheduler that does not answer', async () => {
    world.scheduler.lendsToRoots = undefined;
    await world.start();
    let spawn: Promise<AgentId> | undefined;
    const asks = await asksOf(async () => {
      spawn = world.spawn();
      await hinted(subjects.slotsWanted);
    });
    expect(asks).toBe(1);
    await world.clock.advance(50);
    expect(slotsOf((await spawn) as AgentId)).not.toContain('lent');
    expect(await asksOf(() => world.spawn())).toBe(0);
  });

  it('has one that comes too late given back', async () => {
    world.scheduler.lendsToRoots = undefined;
    await world.start();
    let asked: Pick<SlotsWanted, 'askedAtMs' | 'rootsAskId'> = { askedAtMs: 0 };
    world.bus.onHint(subjects.slotsWanted, ({ data }) => {
      const { askedAtMs, rootsAskId } = data as SlotsWanted;
      asked = { askedAtMs, rootsAskId };
    });
    const spawn = world.spawn();
    await hinted(subjects.slotsWanted);
    await world.clock.advance(50);
    await spawn;
    const free: unknown[] = [];
    world.bus.onHint(subjects.slotsFree, ({ data }) => free.push(data));
    const loan = { workerId: 'worker-1', loanId: 'late', tenant: 'acme', ...asked };
    world.bus.hint(subjects.slotsLent, { ...loan, count: 2, validForMs: 59 });
    await eventually(() =>
      expect(free).toEqual([{ of: [], loans: [{ loanId: 'late', count: 2 }] }]),
    );
  });

  it('is not begun by a worker that has no room', async () => {
    await world.start({ slots: 1 });
    await world.spawn();
    expect(await asksOf(() => world.spawn())).toBe(0);
  });

  it('does not begin on one whose time is over before the log could be told', async () => {
    const reply = await spawnedWithoutLog(501);
    expect(reply).toMatchObject({ ok: true });
    await eventually(() => expect(world.agentIds().map(slotsOf)).toEqual([['given']]));
  });

  it('is answered when the time of the command is over, though the log is still away', async () => {
    await world.start({ store: (own) => faultyStore(own, () => true) });
    const agentId = newAgentId(world.clock);
    const args = { task: { description: 'late' } };
    const reply = world.send('SpawnAgent', { agentId, arguments: args });
    await hinted(subjects.slotsLent);
    await world.clock.advance(COMMAND_VALID_MS + 1);
    expect(await reply).toMatchObject({ ok: false, error: { code: 'COMMAND_EXPIRED' } });
  });

  it('is not made when the log comes back after the time of the command', async () => {
    const reply = await spawnedWithoutLog(COMMAND_VALID_MS + 1);
    expect(reply).toMatchObject({ ok: false, error: { code: 'COMMAND_EXPIRED' } });
    expect(world.agentIds()).toEqual([]);
  });
});
