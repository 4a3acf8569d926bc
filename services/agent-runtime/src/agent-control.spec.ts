import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { agentIdOf, type AgentId } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import type { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld, startedWorld } from './testing/world-of-test.js';

const UNKNOWN = agentIdOf('00000000-0000-8000-8000-000000000099');

let world: RuntimeWorld;

beforeEach(async () => {
  world = await startedWorld(new ManualClock());
});

afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });

/** A parent that waits for a child that waits for a grandchild whose model is being asked. */
async function threeLevels() {
  const rootId = await world.spawn();
  const turn = [call('spawn_agent', { task: { description: 'below' } }), call('await_agents')];
  (await world.models.next()).answer({ toolCalls: turn });
  (await world.models.next()).answer({ toolCalls: turn });
  const leafTurn = await world.models.next();
  const { rows } = await world.ask('list', { tenant: 'acme', rootId, limit: 10 });
  const [child, leaf] = [1, 2].map((depth) => rows.find((row) => row.depth === depth));
  if (child === undefined || leaf === undefined) throw new Error('no tree of three');
  return { rootId, childId: child.agentId, leafId: leaf.agentId, leafTurn };
}

describe('an agent that is terminated', () => {
  it('ends at once with all below it, and the model call under way is given up', async () => {
    const { rootId, childId, leafId, leafTurn } = await threeLevels();
    const reply = await world.send('TerminateAgent', { agentId: rootId, reason: 'enough' });
    expect(reply).toMatchObject({ ok: true, status: 'terminated' });
    expect(await world.ended(leafId)).toMatchObject({
      status: 'terminated',
      failure: { message: 'parent terminated' },
    });
    await world.seen(childId, 'ChildEnded');
    await world.seen(rootId, 'ChildEnded');
    await world.clock.advance(0);
    expect(leafTurn.signal.aborted).toBe(true);
    expect(world.running).toBe(0);
  });

  it('keeps what the given-up call cost at most', async () => {
    const agentId = await world.spawn();
    await world.models.next();
    await world.send('TerminateAgent', { agentId, reason: 'enough' });
    const { data } = await world.seen(agentId, 'ModelCallSettled');
    expect(data).toMatchObject({ usage: { outputTokens: 1_000 } });
  });

  it('can be terminated again, and nothing more happens', async () => {
    const agentId = await world.spawn({ model: { id: 'scripted:echo' } });
    await world.ended(agentId);
    const before = world.typesOf(agentId);
    const reply = await world.send('TerminateAgent', { agentId, reason: 'again' });
    expect(reply).toMatchObject({ ok: true, status: 'completed' });
    expect(world.typesOf(agentId)).toEqual(before);
  });
});

describe('a child that shall outlive its parent', () => {
  it('goes on when the parent completes, not when it is terminated', async () => {
    const rootId = await world.spawn();
    const below = { task: { description: 'below' }, onParentClose: 'continue' };
    (await world.models.next()).answer({ toolCalls: [call('spawn_agent', below)] });
    const calls = [await world.models.next(), await world.models.next()];
    const parentTurn = calls.find(({ request }) => request.messages.length > 1);
    const childTurn = calls.find(({ request }) => request.messages.length === 1);
    parentTurn?.answer({ text: 'done' });
    await world.ended(rootId);
    await world.clock.advance(2_000);
    expect(childTurn?.signal.aborted).toBe(false);
    childTurn?.answer({ text: 'late' });
    await world.seen(rootId, 'ChildEnded');
  });
});

describe('an agent that is paused', () => {
  async function statusesOf(ids: readonly AgentId[]) {
    return Promise.all(ids.map(async (agentId) => (await world.row(agentId)).status));
  }

  it('finishes its step, starts none, and pauses all below it', async () => {
    const { rootId, childId, leafId, leafTurn } = await threeLevels();
    const ids = [rootId, childId, leafId];
    await world.send('PauseAgent', { agentId: rootId });
    await world.seen(leafId, 'AgentPaused');
    expect(await statusesOf(ids)).toEqual(['paused', 'paused', 'paused']);
    leafTurn.answer({ toolCalls: [call('report_progress', { message: 'half' })] });
    await world.seen(leafId, 'RunYielded');
    await world.clock.advance(5_000);
    expect(world.models.count).toBe(3);
    expect(world.running).toBe(0);

    await world.send('ResumeAgent', { agentId: rootId });
    (await world.models.next()).answer({ text: 'leaf' });
    (await world.models.next()).answer({ text: 'child' });
    (await world.models.next()).answer({ text: 'root' });
    await world.ended(rootId);
    expect(await statusesOf(ids)).toEqual(['completed', 'completed', 'completed']);
  });

  it('stays so when the same pause comes again after the resumption', async () => {
    const agentId = await world.spawn();
    const turn = await world.models.next();
    await world.send('PauseAgent', { agentId }, { id: 'pause-1' });
    await world.send('ResumeAgent', { agentId }, { id: 'resume-1' });
    const repeat = await world.send('PauseAgent', { agentId }, { id: 'pause-1' });
    expect(repeat).toMatchObject({ ok: true, status: 'running' });
    turn.answer({ text: 'seven' });
    expect((await world.ended(agentId)).status).toBe('completed');
  });

  it('was running before: resuming a running agent is refused', async () => {
    const agentId = await world.spawn();
    await world.models.next();
    const reply = await world.send('ResumeAgent', { agentId });
    expect(reply).toMatchObject({ ok: false, error: { code: 'AGENT_NOT_PAUSED' } });
  });
});

describe('a command', () => {
  it('that comes too late is not carried out', async () => {
    const agentId = await world.spawn();
    await world.models.next();
    const late = { notAfterMs: world.clock.nowMs() - 1 };
    const reply = await world.send('TerminateAgent', { agentId, reason: 'late' }, late);
    expect(reply).toMatchObject({ ok: false, error: { code: 'COMMAND_EXPIRED' } });
    expect((await world.row(agentId)).status).toBe('running');
  });

  it('on another tenant’s agent is answered like one on an unknown agent', async () => {
    const agentId = await world.spawn();
    const strangers = { tenant: 'other' };
    const replies = await Promise.all([
      world.send('TerminateAgent', { agentId, reason: 'mine?' }, strangers),
      world.send('TerminateAgent', { agentId: UNKNOWN, reason: 'mine?' }, strangers),
    ]);
    const texts = replies.map((reply) => (reply?.ok === false ? reply.error : undefined));
    expect(texts[0]).toMatchObject({ code: 'AGENT_NOT_FOUND' });
    expect(JSON.stringify(texts[0]).replace(agentId, UNKNOWN)).toBe(JSON.stringify(texts[1]));
  });

  it('with data that is none is refused', async () => {
    const reply = await world.send('PauseAgent', { agentId: 'agents.>' as AgentId });
    expect(reply).toMatchObject({ ok: false, error: { code: 'INVALID_ARGUMENTS' } });
  });

  it('to spawn below another tenant’s agent finds no parent', async () => {
    const parentId = await world.spawn();
    const data = { agentId: UNKNOWN, parentId, arguments: { task: { description: 'spy' } } };
    const reply = await world.send('SpawnAgent', data, { tenant: 'other' });
    expect(reply).toMatchObject({ ok: false, error: { code: 'AGENT_NOT_FOUND' } });
    expect(world.eventsOf(UNKNOWN)).toEqual([]);
  });
});

describe('a spawn that is sent again', () => {
  const spawn = (description: string) => {
    const spawned = { task: { description }, model: { id: 'scripted:echo' } };
    return world.send('SpawnAgent', { agentId: UNKNOWN, arguments: spawned });
  };

  it('is the same agent', async () => {
    await spawn('count');
    await world.ended(UNKNOWN);
    expect(await spawn('count')).toMatchObject({ ok: true, status: 'completed' });
    expect(world.typesOf(UNKNOWN).filter((type) => type === 'AgentSpawned')).toHaveLength(1);
  });

  it('is the same agent also when the registry would let none begin any more', async () => {
    await spawn('count');
    await world.ended(UNKNOWN);
    world.changeRegistry({ refused: { 'models.scripted:echo': 'it is wrong' } });
    expect(await spawn('count')).toMatchObject({ ok: true, status: 'completed' });
    expect(await spawn('recount')).toMatchObject({ ok: false, error: { code: 'UNKNOWN_MODEL' } });
  });

  it('with other arguments is a conflict', async () => {
    await spawn('count');
    const reply = await spawn('recount');
    expect(reply).toMatchObject({ ok: false, error: { code: 'IDEMPOTENCY_CONFLICT' } });
  });
});
