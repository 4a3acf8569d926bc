import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  spawnCheckAnswerSchema,
  streamNames,
  subjects,
  type AgentEventData,
  type AgentId,
  type CommandReply,
  type Extension,
  type SpawnArguments,
  type TenantQuotas,
} from '@skynet/contracts';
import { newAgentId, payloadRefOf } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { aServer } from './testing/registries.js';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld } from './testing/world-of-test.js';

const DAY_MS = 86_400_000;

let world: RuntimeWorld;

beforeEach(async () => {
  world = await RuntimeWorld.create(new ManualClock(), { servers: { tools: aServer() } });
  await world.start();
});

afterEach(() => endWorld(world));

/** As the scheduler writes them. */
async function quotasAre(quotas: TenantQuotas): Promise<void> {
  const stream = streamNames.tenant('acme');
  const last = (await world.store.read(stream)).at(-1);
  const id = newAgentId();
  const metadata = {
    correlationId: 'acme',
    causationId: '',
    tenant: 'acme',
    principal: 'operator',
  };
  const commit = { id, index: 0, size: 1 };
  const event = {
    ...{ id, type: 'TenantQuotasSet', version: 1, data: quotas, timeMs: world.clock.nowMs() },
    metadata: { ...metadata, epoch: 0, commit },
  };
  await world.store.append(stream, [event], last?.revision ?? 'no-stream');
  await world.clock.advance(0);
}

const spawn = (
  args: Partial<SpawnArguments> = {},
  agentId: AgentId = newAgentId(),
): Promise<CommandReply | undefined> => {
  const task = { description: 'count the stars' };
  return world.send('SpawnAgent', { agentId, arguments: { task, ...args } });
};

async function completed(inputTokens: number): Promise<AgentId> {
  const agentId = await world.spawn();
  const model = await world.models.next();
  model.answer({ text: 'done', usage: { inputTokens, outputTokens: 0, costMicroUsd: 1 } });
  await world.ended(agentId);
  return agentId;
}

describe('a tenant with quotas', () => {
  it('is refused what is beyond spawns a minute, and accepted again after the time it is told', async () => {
    await quotasAre({ spawnsPerMinute: 1 });
    const agentId = newAgentId();
    expect(await spawn()).toMatchObject({ ok: true });
    const reply = await spawn({}, agentId);
    expect(reply).toMatchObject({ error: { code: 'TENANT_LIMIT', limit: 'spawnsPerMinute' } });
    const wait = reply?.ok === false ? reply.error.retryAfterMs : undefined;
    await world.clock.advance(wait ?? 0);
    expect(await spawn({}, agentId)).toMatchObject({ ok: true, agentId });
  });

  it('gets no further tree once the tokens of the day are used up; what is there goes on', async () => {
    await quotasAre({ tokensPerDay: 100 });
    const running = await world.spawn();
    const model = await world.models.next();
    await completed(100);
    const error = { code: 'TENANT_LIMIT', limit: 'tokensPerDay' };
    const reply = await spawn();
    expect(reply).toMatchObject({ error });
    const again = reply?.ok === false ? reply.error.retryAfterMs : undefined;
    expect((world.clock.nowMs() + (again ?? 0)) % DAY_MS).toBe(0);
    const child = { agentId: newAgentId(), parentId: running };
    const task = { description: 'a part' };
    expect(await world.send('SpawnAgent', { ...child, arguments: { task } })).toMatchObject({
      ok: true,
    });
    await quotasAre({ tokensPerDay: 101 });
    expect(await spawn()).toMatchObject({ ok: true });
    model.answer({ text: 'done' });
  });

  it('has the sum of the day known to a replica that starts from the rows', async () => {
    await quotasAre({ tokensPerDay: 100 });
    await completed(100);
    const second = await world.start({ workerId: 'second' });
    const reply = await second.commands.handle('SpawnAgent', {
      ...{ id: newAgentId(), type: 'SpawnAgent', tenant: 'acme', principal: 'alice' },
      notAfterMs: world.clock.nowMs() + 1,
      data: { agentId: newAgentId(), arguments: { task: { description: 'more' } } },
    });
    expect(reply).toMatchObject({ error: { limit: 'tokensPerDay' } });
  });

  it('has ceilings: none of its roots gets more, and one that asks for more is refused', async () => {
    await quotasAre({ ceilings: { tokens: 5_000, depth: 1 } });
    expect(await spawn({ limits: { tokens: 5_001 } })).toMatchObject({
      error: { code: 'LIMIT_CEILING', limit: 'tokens' },
    });
    const agentId = newAgentId();
    await spawn({ limits: { depth: 0 } }, agentId);
    expect((await world.row(agentId)).limits).toMatchObject({
      tokens: 5_000,
      depth: 0,
      children: 10,
    });
    const from = { agentId, revision: 1 };
    const limits = { tokens: 9_999 };
    const fork = await world.send('ForkAgent', { agentId: newAgentId(), from, limits });
    expect(fork).toMatchObject({ error: { code: 'LIMIT_CEILING' } });
  });

  it('has roots that are extended no further than that, from their spawn on', async () => {
    await quotasAre({ ceilings: { tokens: 50_000, seconds: 120 } });
    const agentId = await world.spawn({ limits: { tokens: 49_000, seconds: 60 } });
    await world.models.next();
    await world.clock.advance(10_000);
    const extend = (add: Extension) => world.send('ExtendAgent', { agentId, add });
    const error = { code: 'LIMIT_CEILING' };
    expect(await extend({ tokens: 1_001 })).toMatchObject({ error: { ...error, limit: 'tokens' } });
    expect(await extend({ seconds: 61 })).toMatchObject({ error: { ...error, limit: 'seconds' } });
    expect(await extend({ tokens: 1_000, seconds: 60 })).toMatchObject({ ok: true });
    await quotasAre({ ceilings: { tokens: 1_000 } });
    expect(await extend({ tokens: 1 })).toMatchObject({ error });
    expect(await extend({ descendants: 1 })).toMatchObject({ ok: true });
  });

  it('has no root extended by what the day has no more of; a repeat is answered all the same', async () => {
    await quotasAre({ tokensPerDay: 100 });
    const agentId = await world.spawn();
    await world.models.next();
    const id = newAgentId();
    const extend = (add: Extension, envelope: object = {}) =>
      world.send('ExtendAgent', { agentId, add }, envelope);
    expect(await extend({ tokens: 1 }, { id })).toMatchObject({ ok: true });
    await completed(100);
    expect(await extend({ tokens: 1 }, { id })).toMatchObject({ ok: true });
    const error = { code: 'TENANT_LIMIT', limit: 'tokensPerDay' };
    for (const add of [{ tokens: 1 }, { costMicroUsd: 1 }])
      expect(await extend(add)).toMatchObject({ error });
    expect(await extend({ seconds: 1 })).toMatchObject({ ok: true });
  });

  it('is told before whether a root would be refused, and none is made for it', async () => {
    await quotasAre({ ceilings: { tokens: 5_000 }, models: ['scripted:echo'] });
    const check = async (more: object) => {
      const asked = { task: { description: 'later' }, model: { id: 'scripted:echo' }, ...more };
      const request = { tenant: 'acme', arguments: asked };
      const answer = await world.bus.request(subjects.spawnCheck, request);
      return spawnCheckAnswerSchema.parse(answer).refused?.code;
    };
    expect(await check({})).toBeUndefined();
    expect(await check({ limits: { tokens: 5_001 } })).toBe('LIMIT_CEILING');
    expect(await check({ model: { id: 'scripted:none' } })).toBe('UNKNOWN_MODEL');
    expect(await check({ model: { id: 'scripted:slow' } })).toBe('NOT_FOR_TENANT');
    expect(await check({ template: 'none' })).toBe('UNKNOWN_TEMPLATE');
    expect(await check({ tools: ['nowhere__read'] })).toBe('UNKNOWN_TOOL_SERVER');
    expect((await world.ask('list', { tenant: 'acme', limit: 10 })).rows).toEqual([]);
  });

  it('leaves nothing of what it was told about behind', async () => {
    const description = 'x'.repeat(100_000);
    const asked = { task: { description }, model: { id: 'scripted:echo' } };
    const request = { tenant: 'acme', arguments: asked };
    const answer = await world.bus.request(subjects.spawnCheck, request);
    expect(spawnCheckAnswerSchema.parse(answer)).toEqual({});
    expect(await world.payloads.get('acme', payloadRefOf(description))).toBeUndefined();
  });

  it('is told what it has under way and has used, and what it may', async () => {
    await quotasAre({ tokensPerDay: 100, liveAgents: 5 });
    await completed(60);
    await world.spawn();
    await world.models.next();
    await spawn();
    const usage = { liveAgents: 1, runningTrees: 1, waitingTrees: 1, spawnsInMinute: 3 };
    const ofDay = { tokensOfDay: 60, costMicroUsdOfDay: 1 };
    const quotas = { tokensPerDay: 100, liveAgents: 5 };
    const answer = await world.ask('usage', { tenant: 'acme' });
    expect(answer).toMatchObject({ ...usage, ...ofDay, quotas, maxWaitingTrees: 100_000 });
    expect(answer.dayEndsMs % DAY_MS).toBe(0);
    expect(await world.ask('usage', { tenant: 'globex' })).toMatchObject({
      ...{ liveAgents: 0, runningTrees: 0, waitingTrees: 0, spawnsInMinute: 0 },
      ...{ tokensOfDay: 0, quotas: {} },
    });
  });

  it('uses no model and no tool server but those that are named', async () => {
    await quotasAre({ models: ['scripted:echo'], toolServers: [] });
    expect(await spawn({ model: { id: 'scripted:tree' } })).toMatchObject({
      error: { code: 'NOT_FOR_TENANT', limit: 'models' },
    });
    const model = { id: 'scripted:echo' };
    expect(await spawn({ model, tools: ['tools__*'] })).toMatchObject({
      error: { code: 'NOT_FOR_TENANT', limit: 'toolServers' },
    });
    expect(await spawn({ model })).toMatchObject({ ok: true });
  });

  it('has its summaries written by the agent itself where it may not use who would write them', async () => {
    world.changeRegistry({ compactionModel: 'scripted:tree' });
    const summariserOf = async () => {
      const agentId = await world.spawn({ model: { id: 'scripted:echo' } });
      const { data } = await world.seen(agentId, 'AgentSpawned');
      return (data as AgentEventData<'AgentSpawned'>).spec.compactionModel?.id;
    };
    expect(await summariserOf()).toBe('scripted:tree');
    await quotasAre({ models: ['scripted:echo'] });
    expect(await summariserOf()).toBeUndefined();
  });

  it('has a model chosen among those that it may use', async () => {
    const models = ['scripted:tree', 'scripted:echo'];
    const how = { preference: 'balanced', adaptive: false, onRefusal: false } as const;
    world.changeRegistry({ auto: { models, ...how } });
    await quotasAre({ models: ['scripted:echo'] });
    const agentId = await world.spawn({ model: { id: 'auto' } });
    expect(await world.ended(agentId)).toMatchObject({
      model: 'scripted:echo',
      modelChoice: { refused: [{ model: 'scripted:tree', reason: 'the tenant may not use it' }] },
    });
    await quotasAre({ models: ['scripted:slow'] });
    expect(await spawn({ model: { id: 'auto' } })).toMatchObject({
      error: { code: 'NOT_FOR_TENANT', limit: 'models' },
    });
  });
});
