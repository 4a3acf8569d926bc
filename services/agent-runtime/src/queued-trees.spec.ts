import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { COMMAND_VALID_MS, type AgentId, type CommandReply } from '@skynet/contracts';
import { newAgentId } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import type { AgentRuntime } from './agent-runtime.js';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld } from './testing/world-of-test.js';

const options = { slots: 1, maxWaitingTreesPerTenant: 2 };
const LIMIT = { code: 'TENANT_LIMIT', limit: 'waitingTrees', retryAfterMs: 10_000 };

let world: RuntimeWorld;
let first: AgentId;

/** One tree runs, and two wait. */
beforeEach(async () => {
  world = await RuntimeWorld.create(new ManualClock());
  await world.start(options);
  first = await world.spawn();
  await world.seen(first, 'RunStarted');
  await world.spawn();
  await world.spawn();
});

afterEach(() => endWorld(world));

function spawn(
  agentId: AgentId,
  { tenant = 'acme', description = 'one more' } = {},
): Promise<CommandReply | undefined> {
  const data = { agentId, arguments: { task: { description } } };
  return world.send('SpawnAgent', data, { tenant });
}

describe('a tenant with the longest queue that it may have', () => {
  it('is refused a further tree in the answer, and nothing is in the log', async () => {
    const agentId = newAgentId();
    expect(await spawn(agentId)).toMatchObject({ ok: false, error: LIMIT });
    const from = { agentId: first, revision: 1 };
    const fork = await world.send('ForkAgent', { agentId, from });
    expect(fork).toMatchObject({ ok: false, error: LIMIT });
    expect(world.agentIds()).not.toContain(agentId);
  });

  it('has the same spawn accepted once there is room', async () => {
    const agentId = newAgentId();
    await spawn(agentId);
    const waiting = world.agentIds().filter((id) => id !== first);
    const model = await world.models.next();
    model.answer({ text: 'done' });
    await world.ended(first);
    // The worker had no room, and has put the others back.
    await world.clock.advance(1_000);
    await Promise.race(waiting.map((id) => world.seen(id, 'RunStarted')));
    expect(await spawn(agentId)).toMatchObject({ ok: true, agentId });
    expect(await spawn(newAgentId())).toMatchObject({ ok: false, error: LIMIT });
  });

  it('is still told of the tree that is there, and of other arguments for it', async () => {
    const again = { description: 'count the stars' };
    const reply = await spawn(first, again);
    expect(reply).toMatchObject({ ok: true, agentId: first });
    expect(reply?.ok === true && reply.position).toBeUndefined();
    expect(await spawn(first)).toMatchObject({ error: { code: 'IDEMPOTENCY_CONFLICT' } });
  });

  it('may have children of trees that run', async () => {
    const agentId = newAgentId();
    const data = { agentId, parentId: first, arguments: { task: { description: 'a part' } } };
    expect(await world.send('SpawnAgent', data)).toMatchObject({ ok: true });
  });

  it('stands in no other tenant’s way', async () => {
    expect(await spawn(newAgentId(), { tenant: 'globex' })).toMatchObject({ ok: true });
  });

  it('is known to a replica that starts from the rows', async () => {
    const second = await world.start({ ...options, workerId: 'second', slots: 1 });
    await world.clock.advance(1_000);
    await world.seen(world.agentIds()[1] as AgentId, 'RunStarted');
    await spawn(newAgentId());
    const handle = (runtime: AgentRuntime) =>
      runtime.commands.handle('SpawnAgent', {
        id: newAgentId(),
        type: 'SpawnAgent',
        tenant: 'acme',
        principal: 'alice',
        notAfterMs: world.clock.nowMs() + COMMAND_VALID_MS,
        data: { agentId: newAgentId(), arguments: { task: { description: 'more' } } },
      });
    expect(await handle(second)).toMatchObject({ error: LIMIT });
  });
});

describe('many spawns at the same time', () => {
  it('are not more than there is room for', async () => {
    const spawns = Array.from({ length: 10 }, () => spawn(newAgentId(), { tenant: 'globex' }));
    const replies = await Promise.all(spawns);
    expect(replies.filter((reply) => reply?.ok === true)).toHaveLength(2);
  });
});

describe('a word of an older scheduler that an agent is too many', () => {
  it('ends nothing', async () => {
    const waiting = world.agentIds().find((id) => id !== first) as AgentId;
    await world.send('RefuseAgent', { agentId: waiting, message: 'too many' });
    expect((await world.row(waiting)).status).toBe('queued');
  });
});
