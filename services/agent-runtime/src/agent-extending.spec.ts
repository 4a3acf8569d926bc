import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { agentEventSchemas, type AgentId, type Extension, type Limits } from '@skynet/contracts';
import { newAgentId } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import type { ModelCall } from './testing/puppets.js';
import type { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld, startedWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await startedWorld(new ManualClock());
});
afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });
const extend = (agentId: AgentId, add: Extension, envelope: object = {}) =>
  world.send('ExtendAgent', { agentId, add }, envelope);
const countOf = (agentId: AgentId) => world.eventsOf(agentId).length;

/** The log is what the rules decide, in shapes that are frozen. */
async function verifies(agentId: AgentId): Promise<void> {
  const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
  expect(verification?.divergence).toBeUndefined();
  expect(verification?.requests.checked).toBeGreaterThan(0);
  for (const { type, data } of world.eventsOf(agentId)) {
    agentEventSchemas[type as keyof typeof agentEventSchemas].parse(data);
  }
}

/** A parent that waits for its child, and that child's model call. */
async function family(
  limits: object,
  ofChild: object,
): Promise<{ rootId: AgentId; childId: AgentId; turn: ModelCall }> {
  const rootId = await world.spawn({ limits });
  const below = call('spawn_agent', { task: { description: 'below' }, limits: ofChild });
  (await world.models.next()).answer({ toolCalls: [below, call('await_agents')] });
  const turn = await world.models.next();
  const [childId] = (await world.row(rootId)).childIds;
  if (childId === undefined) throw new Error('no child');
  return { rootId, childId, turn };
}

describe('a root that is extended', () => {
  it('has more from then on: where it would be exhausted it goes on', async () => {
    const limits = { tokens: 12_000, costMicroUsd: 5, seconds: 60, descendants: 1 };
    const agentId = await world.spawn({ limits });
    const before = (await world.row(agentId)).limits;
    const turn = await world.models.next();
    const add = { tokens: 12_000, costMicroUsd: 7, seconds: 9, descendants: 2 };
    expect(await extend(agentId, add, { principal: 'bob' })).toMatchObject({
      ok: true,
      status: 'running',
    });
    const extended = {
      ...before,
      tokens: 24_000,
      costMicroUsd: 12,
      deadlineMs: before.deadlineMs + 9_000,
      descendants: 3,
    };
    expect((await world.row(agentId)).limits).toEqual(extended);
    expect((await world.seen(agentId, 'LimitsExtended')).data).toEqual({
      add,
      limits: extended,
      by: 'bob',
    });
    const usage = { inputTokens: 11_000, outputTokens: 900, costMicroUsd: 0 };
    turn.answer({ toolCalls: [call('report_progress', { message: 'half' })], usage });
    (await world.models.next()).answer({ text: 'seven' });
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed', output: 'seven' });
    await verifies(agentId);
  });

  it('does not expire at its old deadline, and does at the new one', async () => {
    const agentId = await world.spawn({ limits: { seconds: 60 } });
    await world.models.next();
    await extend(agentId, { seconds: 30 });
    await world.clock.advance(89_000);
    expect((await world.row(agentId)).status).toBe('running');
    await world.clock.advance(1_000);
    expect(await world.ended(agentId)).toMatchObject({ status: 'expired' });
    await verifies(agentId);
  });

  it('gets it once, though it is sent twice; other amounts under that id are refused', async () => {
    const agentId = await world.spawn();
    await world.models.next();
    const id = newAgentId();
    await extend(agentId, { tokens: 5 }, { id });
    const count = countOf(agentId);
    expect(await extend(agentId, { tokens: 5 }, { id })).toMatchObject({ ok: true });
    expect(await extend(agentId, { tokens: 6 }, { id })).toMatchObject({
      error: { code: 'IDEMPOTENCY_CONFLICT' },
    });
    expect(countOf(agentId)).toBe(count);
  });

  it('is one that lives, and no other tenant’s', async () => {
    const agentId = await world.spawn();
    const error = { code: 'AGENT_NOT_FOUND' };
    expect(await extend(agentId, { tokens: 1 }, { tenant: 'globex' })).toMatchObject({ error });
    expect(await extend(newAgentId(world.clock), { tokens: 1 })).toMatchObject({ error });
    for (const add of [{}, { tokens: 0 }, { seconds: -1 }]) {
      expect(await extend(agentId, add)).toMatchObject({ error: { code: 'INVALID_ARGUMENTS' } });
    }
    (await world.models.next()).answer({ text: 'seven' });
    await world.ended(agentId);
    expect(await extend(agentId, { tokens: 1 })).toMatchObject({
      error: { code: 'AGENT_ALREADY_ENDED' },
    });
  });

  it('is refused while it has its last word', async () => {
    const before = await world.spawn();
    await world.models.next();
    const { held } = (await world.seen(before, 'ModelCallStarted')).data as {
      held: { inputTokens: number };
    };
    const agentId = await world.spawn({ limits: { tokens: held.inputTokens + 100 } });
    const turn = await world.models.next();
    const count = countOf(agentId);
    expect(await extend(agentId, { tokens: 9_000 })).toMatchObject({
      error: { code: 'AGENT_ALREADY_ENDED' },
    });
    expect(countOf(agentId)).toBe(count);
    turn.answer({ text: 'so far' });
    expect(await world.ended(agentId)).toMatchObject({ status: 'exhausted' });
  });
});

describe('a child that is extended', () => {
  const limitsOf = async (agentId: AgentId): Promise<Limits> => (await world.row(agentId)).limits;

  it('has it out of what its parent has left, which gets back what is not spent', async () => {
    const { rootId, childId, turn } = await family({ tokens: 40_000 }, { tokens: 12_000 });
    const add = { tokens: 8_000, descendants: 1 };
    const reply = await extend(childId, add);
    expect(reply).toMatchObject({ ok: true, agentId: childId, rootId });
    expect(await limitsOf(childId)).toMatchObject({ tokens: 20_000 });
    const { data } = await world.seen(rootId, 'ChildExtended');
    expect(data).toMatchObject({ childId, add, limits: { tokens: 20_000 }, by: 'alice' });
    const usage = { inputTokens: 8_000, outputTokens: 900, costMicroUsd: 0 };
    turn.answer({ toolCalls: [call('report_progress', { message: 'half' })], usage });
    (await world.models.next()).answer({ text: 'done' });
    (await world.models.next()).answer({ text: 'all done' });
    expect(await world.ended(rootId)).toMatchObject({ output: 'all done' });
    expect((await world.seen(rootId, 'ChildEnded')).data).toMatchObject({
      spent: { inputTokens: 8_001, outputTokens: 901 },
    });
    await verifies(rootId);
  });

  it('gets no more than its parent has left, and lives no longer', async () => {
    const { rootId, childId } = await family(
      { tokens: 40_000, seconds: 60, costMicroUsd: 10, descendants: 2 },
      { tokens: 12_000, seconds: 30, costMicroUsd: 1, descendants: 0 },
    );
    const before = [countOf(rootId), countOf(childId)];
    for (const [add, code] of [
      [{ tokens: 28_000 }, 'LIMIT_TOKENS'],
      [{ costMicroUsd: 10 }, 'LIMIT_COST'],
      [{ descendants: 2 }, 'LIMIT_DESCENDANTS'],
      [{ seconds: 31 }, 'LIMIT_SECONDS'],
    ] as const) {
      expect(await extend(childId, add)).toMatchObject({ error: { code } });
    }
    expect(await extend(childId, { seconds: 31 })).toMatchObject({
      error: { message: expect.stringContaining(rootId) as unknown },
    });
    expect([countOf(rootId), countOf(childId)]).toEqual(before);
    await extend(rootId, { seconds: 1 });
    expect(await extend(childId, { seconds: 31 })).toMatchObject({ ok: true });
  });

  it('gets it once, though it is sent twice, also when it has ended since', async () => {
    const { rootId, childId, turn } = await family({}, { tokens: 12_000 });
    const id = newAgentId();
    await extend(childId, { tokens: 5 }, { id });
    await extend(childId, { tokens: 5 }, { id });
    expect(await limitsOf(childId)).toMatchObject({ tokens: 12_005 });
    turn.answer({ text: 'done' });
    await world.ended(childId);
    await world.seen(rootId, 'ChildEnded');
    expect(await extend(childId, { tokens: 5 }, { id })).toMatchObject({ ok: true });
    expect(await extend(childId, { tokens: 5 })).toMatchObject({
      error: { code: 'AGENT_ALREADY_ENDED' },
    });
  });

  it('gets it from the log when who asked for it has died after the first of the two streams', async () => {
    const { rootId, childId } = await family({ tokens: 40_000 }, { tokens: 12_000 });
    const limits = { ...(await limitsOf(childId)), tokens: 12_005 };
    const data = { childId, add: { tokens: 5 }, limits, by: 'alice' };
    world.addCommit(rootId, { type: 'ChildExtended', data });
    expect((await world.seen(childId, 'LimitsExtended')).data).toEqual({
      add: { tokens: 5 },
      limits,
      by: 'alice',
    });
    await verifies(rootId);
  });

  it('has in a fork of its tree what it had then', async () => {
    const { rootId, childId } = await family({ tokens: 40_000 }, { tokens: 12_000 });
    await extend(childId, { tokens: 3_000 });
    const forkId = newAgentId(world.clock);
    const from = { agentId: rootId, revision: countOf(rootId) };
    await world.send('ForkAgent', { agentId: forkId, from });
    const { data } = await world.seen(forkId, 'ChildReserved');
    expect(data).toMatchObject({ limits: { tokens: 15_000 } });
  });
});
