import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { agentIdOf, type AgentId } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import { ModelError } from './models/model.port.js';
import type { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld, startedWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await startedWorld(new ManualClock());
});

afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });

describe('an agent whose model answers at once', () => {
  it('completes with the answer, and its item is done', async () => {
    const agentId = await world.spawn({ model: { id: 'scripted:echo' } });
    expect(await world.ended(agentId)).toMatchObject({
      status: 'completed',
      output: 'count the stars',
      model: 'scripted:echo',
    });
    await world.clock.advance(0);
    expect(world.queue.outstanding).toBe(0);
  });
});

describe('a tree of agents', () => {
  it('sums up over three levels', async () => {
    const description = JSON.stringify({ depth: 3, fanOut: 3 });
    const rootId = await world.spawn({ description, model: { id: 'scripted:tree' } });
    const row = await world.ended(rootId);
    expect(row.status).toBe('completed');
    expect(JSON.parse(row.output as string)).toEqual({ leaves: 9, agents: 13 });
    expect(row.spent.descendants).toBe(12);
    const { rows } = await world.ask('list', { tenant: 'acme', rootId, limit: 100 });
    expect(rows).toHaveLength(13);
    expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['completed']));
  });

  it('reports a failed leaf and loses nothing of its siblings', async () => {
    const description = JSON.stringify({ depth: 3, fanOut: 3, failLeaf: true });
    const row = await world.ended(
      await world.spawn({ description, model: { id: 'scripted:tree' } }),
    );
    expect(JSON.parse(row.output as string)).toEqual({
      leaves: 8,
      agents: 12,
      failures: [expect.objectContaining({ status: 'failed', reason: 'MODEL_FAILED' })],
    });
  });
});

describe('a model that fails for now', () => {
  const overloaded = (retryAfterMs?: number) =>
    new ModelError('overloaded', { retryable: true, retryAfterMs });

  it('is asked again after a wait, as a new step of the log', async () => {
    const agentId = await world.spawn();
    (await world.models.next()).fail(overloaded());
    await world.seen(agentId, 'ModelCallSettled');
    await world.clock.advance(100);
    expect(world.models.count).toBe(1);
    await world.clock.advance(1_000);
    (await world.models.next()).answer({ text: 'seven' });
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed', output: 'seven' });
  });

  it('is asked again when it wishes', async () => {
    const agentId = await world.spawn();
    (await world.models.next()).fail(overloaded(20_000));
    await world.seen(agentId, 'ModelCallSettled');
    await world.clock.advance(19_000);
    expect(world.models.count).toBe(1);
    await world.clock.advance(1_000);
    expect(world.models.count).toBe(2);
  });

  it('gives its slot back when it wishes to be asked much later, and says until when', async () => {
    const agentId = await world.spawn();
    (await world.models.next()).fail(overloaded(90_000));
    await world.seen(agentId, 'AgentParked');
    const untilMs = world.clock.nowMs() + 90_000;
    expect(await world.row(agentId)).toMatchObject({
      status: 'waiting',
      waitingFor: { kind: 'provider', ids: [], untilMs },
    });
    expect(world.running).toBe(0);
    await world.clock.advance(89_000);
    expect(world.models.count).toBe(1);
    await world.clock.advance(1_000);
    (await world.models.next()).answer({ text: 'seven' });
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed', output: 'seven' });
    const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
    expect(verification).not.toHaveProperty('divergence');
  });

  it('is waited for a day at most', async () => {
    const agentId = await world.spawn({ limits: { seconds: 300_000_000 } });
    (await world.models.next()).fail(overloaded(2_147_484_000_000));
    const { data } = await world.seen(agentId, 'AgentParked');
    expect(data).toMatchObject({ untilMs: world.clock.nowMs() + 86_400_000 });
  });

  it('is given up after the allowed tries', async () => {
    const agentId = await world.spawn();
    for (let tries = 1; tries <= 3; tries += 1) {
      (await world.models.next()).fail(overloaded());
      await world.seen(agentId, 'ModelCallSettled', tries);
      await world.clock.advance(30_000);
    }
    expect(await world.ended(agentId)).toMatchObject({
      status: 'failed',
      failure: { reason: 'MODEL_FAILED', message: 'overloaded', retryable: true },
    });
    expect(world.models.count).toBe(3);
  });

  it('is not asked again when that can not help', async () => {
    const agentId = await world.spawn();
    (await world.models.next()).fail(new ModelError('bad key', { retryable: false }));
    expect(await world.ended(agentId)).toMatchObject({ status: 'failed' });
    expect(world.models.count).toBe(1);
  });
});

describe('what a model thought before it called tools', () => {
  it('is sent back to it with the results, of any length, and stands in the log', async () => {
    const agentId = await world.spawn({ tools: ['tools__*'] });
    const thinking = 'hm'.repeat(10_000);
    (await world.models.next()).answer({ toolCalls: [call('tools__act')], thinking });
    (await world.tools.next()).answer({ content: 'done', isError: false });
    const { request, answer } = await world.models.next();
    expect(request.messages[1]).toMatchObject({ role: 'assistant', thinking });
    answer({ text: 'all done' });
    await world.ended(agentId);
    const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
    expect(verification).not.toHaveProperty('divergence');
  });
});

describe('several tool calls of one turn', () => {
  it('are made at the same time, and the model gets all results in order', async () => {
    const agentId = await world.spawn({ tools: ['tools__*'] });
    const calls = [call('tools__act', { part: 1 }), call('tools__act', { part: 2 })];
    (await world.models.next()).answer({ toolCalls: calls });
    const [first, second] = [await world.tools.next(), await world.tools.next()];
    second.answer({ content: 'two', isError: true });
    first.answer({ content: 'one', isError: false });
    const turn = await world.models.next();
    expect(turn.request.messages.slice(-2)).toMatchObject([
      { role: 'tool', content: expect.any(String) },
      { role: 'tool', content: expect.any(String) },
    ]);
    const contents = turn.request.messages.flatMap((message) =>
      message.role === 'tool' ? [message.content] : [],
    );
    expect(contents.sort()).toEqual(['one', 'two']);
    turn.answer({ text: 'done' });
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed' });
  });
});

describe('a parent that waits', () => {
  async function parentOf(children: number, input: object): Promise<AgentId> {
    const parentId = await world.spawn({ description: 'parent' });
    const spawns = Array.from({ length: children }, (_, index) =>
      call('spawn_agent', { task: { description: `child ${index}` } }),
    );
    (await world.models.next()).answer({ toolCalls: [...spawns, call('await_agents', input)] });
    return parentId;
  }

  const reports = (content: string) =>
    JSON.parse(content) as { reason: string; agents: { status: string }[] };

  async function lastResult(): Promise<ReturnType<typeof reports>> {
    const { request } = await world.models.next();
    const last = request.messages.at(-1);
    return reports(last?.role === 'tool' ? last.content : '{}');
  }

  it('holds no slot, and goes on with the first end of any', async () => {
    const parentId = await parentOf(2, { mode: 'any' });
    await world.seen(parentId, 'AgentParked');
    const child = await world.models.next();
    await world.models.next();
    await world.clock.advance(0);
    expect(world.running).toBe(2);
    child.answer({ text: 'first' });
    const { reason, agents } = await lastResult();
    expect(reason).toBe('met');
    expect(agents.map(({ status }) => status).sort()).toEqual(['completed', 'running']);
  });

  it('goes on when its quorum has ended', async () => {
    const parentId = await parentOf(3, { mode: 'quorum', quorum: 2 });
    const children = [await world.models.next(), await world.models.next()];
    await world.models.next();
    children[0]?.answer({ text: 'one' });
    await world.ended((await world.row(parentId)).childIds[0] as AgentId);
    expect(world.typesOf(parentId)).not.toContain('AwaitEnded');
    children[1]?.answer({ text: 'two' });
    const { agents } = await lastResult();
    expect(agents.filter(({ status }) => status === 'completed')).toHaveLength(2);
  });

  it('goes on at its deadline with what there is', async () => {
    await parentOf(1, { timeoutSeconds: 30 });
    await world.models.next();
    await world.clock.advance(30_000);
    const { reason, agents } = await lastResult();
    expect({ reason, agents }).toMatchObject({
      reason: 'deadline',
      agents: [{ status: 'running' }],
    });
  });

  it('goes on at once when all have ended before', async () => {
    const parentId = await parentOf(1, {});
    (await world.models.next()).answer({ text: 'seven' });
    const { agents } = await lastResult();
    expect(agents).toMatchObject([{ status: 'completed', output: 'seven' }]);
    expect(world.typesOf(parentId).filter((type) => type === 'AwaitEnded')).toHaveLength(1);
  });
});

describe('a child that a client asks for', () => {
  it('runs below its parent and on its limits', async () => {
    const parentId = await world.spawn();
    const turn = await world.models.next();
    const agentId = agentIdOf('00000000-0000-8000-8000-000000000042');
    const spawned = { task: { description: 'of the client' }, model: { id: 'scripted:echo' } };
    const data = { agentId, parentId, arguments: { ...spawned, limits: { tokens: 50_000 } } };
    const reply = await world.send('SpawnAgent', data);
    expect(reply).toMatchObject({ ok: true, agentId, rootId: parentId });
    expect(await world.ended(agentId)).toMatchObject({ parentId, limits: { tokens: 50_000 } });
    await world.seen(parentId, 'ChildEnded');
    turn.answer({ text: 'done' });
    expect(await world.ended(parentId)).toMatchObject({ spent: { descendants: 1 } });
  });
});

describe('two spawns of the same agent at once', () => {
  const task = { task: { description: 'once' }, model: { id: 'scripted:echo' } };

  it.each([['a root'], ['a child']])(
    'make it once, and one of them hears that it did: %s',
    async (what) => {
      const parentId = what === 'a child' ? await world.spawn() : undefined;
      const agentId = agentIdOf('00000000-0000-8000-8000-000000000043');
      const data = { agentId, ...(parentId && { parentId }), arguments: task };
      const replies = await Promise.all([
        world.send('SpawnAgent', data),
        world.send('SpawnAgent', data),
      ]);
      replies.push(await world.send('SpawnAgent', data));
      const told = replies.map((reply) => reply?.ok === true && reply.position !== undefined);
      expect(told.filter(Boolean)).toHaveLength(1);
      expect(told[2]).toBe(false);
      expect(await world.ended(agentId)).toMatchObject({ status: 'completed' });
    },
  );
});

describe('the time limit of an agent', () => {
  it('ends it, and the call under way is given up', async () => {
    const agentId = await world.spawn({ limits: { seconds: 60 } });
    const turn = await world.models.next();
    await world.clock.advance(60_000);
    expect(await world.ended(agentId)).toMatchObject({ status: 'expired' });
    await world.clock.advance(0);
    expect(turn.signal.aborted).toBe(true);
    expect(world.queue.outstanding).toBe(0);
  });
});
