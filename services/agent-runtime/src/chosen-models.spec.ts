import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentEventData, AgentId, AgentSpec } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import { ModelError } from './models/model.port.js';
import type { AutoEntry, ModelEntry, Registry } from './registry/registry.config.js';
import { RuntimeWorld } from './testing/runtime-world.js';

/** Of each model another price: by it a request tells which one is asked. */
const priceOf = (dollars: number) => ({
  inputMicroUsdPerMillion: dollars * 1_000_000,
  outputMicroUsdPerMillion: dollars * 1_000_000,
});
const models: Record<string, ModelEntry> = {
  'puppet:small': { price: priceOf(1), skill: 1 },
  'puppet:middle': { price: priceOf(2), skill: 2 },
  'puppet:large': { price: priceOf(4), skill: 3 },
};
const NAMES = new Map(
  Object.entries(models).map(([id, { price }]) => [price?.inputMicroUsdPerMillion, id]),
);
const auto: AutoEntry = {
  models: Object.keys(models),
  preference: 'balanced',
  adaptive: false,
  onRefusal: false,
};
const HARD = 'Design the architecture of it, investigate the security and prove that it holds.';

let clock: ManualClock;
let world: RuntimeWorld;

async function begin(fields: Partial<Registry> = {}): Promise<void> {
  clock = new ManualClock();
  world = await RuntimeWorld.create(clock, { models, auto, ...fields });
  await world.start({ modelAttempts: 1 });
}

beforeEach(() => begin());

const named = (id: string) => ({ model: { id } });

async function nextCall() {
  const call = await world.models.next();
  return { ...call, id: NAMES.get(call.request.price.inputMicroUsdPerMillion), call };
}

function chosen(agentId: AgentId): AgentEventData<'ModelChosen'>[] {
  return world
    .eventsOf(agentId)
    .filter(({ type }) => type === 'ModelChosen')
    .map(({ data }) => data as AgentEventData<'ModelChosen'>);
}

/** Where its log parts from the rules, decided again. */
async function divergence(agentId: AgentId): Promise<unknown> {
  const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
  expect(verification).toMatchObject({ requests: { unchecked: 0 } });
  return verification?.divergence;
}

const specOf = (agentId: AgentId) =>
  (world.eventsOf(agentId)[0]?.data as { readonly spec: AgentSpec }).spec;

describe('an agent whose model is auto', () => {
  it('has a small model for simple work, and a large one for work that takes thought', async () => {
    await world.spawn({ ...named('auto'), description: 'List three stars.' });
    expect((await nextCall()).id).toBe('puppet:small');
    await world.spawn({ ...named('auto'), description: HARD });
    expect((await nextCall()).id).toBe('puppet:large');
  });

  it('says in the log and in its row which one that is, why, and what it may cost', async () => {
    const agentId = await world.spawn({ ...named('auto'), description: 'List three stars.' });
    (await nextCall()).call.answer({ text: 'Sirius' });
    const { model, modelChoice } = await world.ended(agentId);
    const [choice] = chosen(agentId);
    expect(model).toBe('puppet:small');
    expect(choice).toMatchObject({ model: { id: 'puppet:small', price: priceOf(1) }, refused: [] });
    expect(modelChoice?.reasons).toEqual(choice?.reasons);
    expect(modelChoice?.reasons[0]).toContain('a small model is wanted');
    expect(modelChoice?.estimate.costMicroUsd).toBeGreaterThan(0);
    expect(specOf(agentId).model).toMatchObject({ id: 'auto', price: priceOf(4) });
  });

  it('heeds the preference', async () => {
    await world.spawn({ ...named('auto:quality'), description: 'Tell me of stars.' });
    expect((await nextCall()).id).toBe('puppet:middle');
    await world.spawn({ ...named('auto:cost'), description: HARD });
    expect((await nextCall()).id).toBe('puppet:middle');
  });

  it('has none that its tenant may not use, or that it can not pay', async () => {
    await begin({ tenants: { 'models.puppet:small': ['other'] } });
    const agentId = await world.spawn({
      ...named('auto'),
      description: 'List three stars.',
      limits: { costMicroUsd: 20_000 },
    });
    expect((await nextCall()).id).toBe('puppet:middle');
    expect(chosen(agentId)[0]?.refused).toMatchObject([
      { model: 'puppet:large', reason: expect.stringContaining('are left') },
    ]);
    expect(JSON.stringify(chosen(agentId))).not.toContain('puppet:small');
  });

  it('fails with the reasons when there is none for its task', async () => {
    const narrow = Object.entries(models).map(([id, entry]) => [
      id,
      { ...entry, contextTokens: 1_024 },
    ]);
    await begin({ models: Object.fromEntries(narrow) as typeof models });
    const agentId = await world.spawn({ ...named('auto'), description: HARD });
    const { failure } = await world.ended(agentId);
    expect(failure).toMatchObject({ reason: 'MODEL_FAILED', retryable: false });
    expect(failure?.message).toContain('puppet:small: its window of 1024 tokens is too small');
  });

  it('has children that are chosen for by themselves', async () => {
    const agentId = await world.spawn({ ...named('auto'), description: HARD });
    const args = JSON.stringify({ task: { description: 'List three stars.' } });
    const spawn = { name: 'spawn_agent', arguments: args };
    (await nextCall()).call.answer({ text: '', toolCalls: [spawn] });
    const ids = [(await nextCall()).id, (await nextCall()).id];
    expect(ids.sort()).toEqual(['puppet:large', 'puppet:small']);
    expect(world.agentIds().filter((id) => id !== agentId)).toHaveLength(1);
  });

  it('has the model of before when its run is taken over', async () => {
    const agentId = await world.spawn({ ...named('auto'), description: 'List three stars.' });
    const first = await nextCall();
    first.call.answer({ toolCalls: [{ name: 'report_progress', arguments: '{"message":"x"}' }] });
    expect((await nextCall()).id).toBe('puppet:small');
    expect(chosen(agentId)).toHaveLength(1);
  });

  it('is decided again as it stands in the log, without another choice', async () => {
    const agentId = await world.spawn({ ...named('auto'), description: HARD });
    (await nextCall()).call.answer({ text: 'so' });
    await world.ended(agentId);
    world.changeRegistry({ models: {} });
    expect(await divergence(agentId)).toBeUndefined();
  });
});

describe('a model that has failed agents of the same kind', () => {
  const simple = { ...named('auto'), description: 'List three stars.' };

  async function failFive(): Promise<void> {
    for (let agents = 0; agents < 5; agents += 1) {
      const agentId = await world.spawn(simple);
      (await nextCall()).call.fail(new ModelError('no', { retryable: false }));
      await world.ended(agentId);
    }
  }

  it('counts as less able from then on, for its tenant alone, and the reasons say so', async () => {
    await begin({ auto: { ...auto, adaptive: true } });
    await failFive();
    const agentId = await world.spawn(simple);
    expect((await nextCall()).id).toBe('puppet:middle');
    expect(chosen(agentId)[0]?.reasons.join()).toContain('5 of 5 agents like this failed');
    await world.spawn(simple, { tenant: 'globex' });
    expect((await nextCall()).id).toBe('puppet:small');
  });

  it('counts as before where the registry has switched that off', async () => {
    await failFive();
    await world.spawn(simple);
    expect((await nextCall()).id).toBe('puppet:small');
  });
});

describe('a model whose calls fail', () => {
  const overload = () => new ModelError('overloaded', { retryable: true, kind: 'overload' });
  const refusal = () => new ModelError('I will not', { retryable: false, kind: 'refusal' });
  const chain = { models: ['puppet:middle', 'puppet:large'], onRefusal: false };
  const fallbacks = { 'puppet:small': chain };

  it('leaves the same turn to the next one of its chain', async () => {
    await begin({ fallbacks });
    const agentId = await world.spawn(named('puppet:small'));
    (await nextCall()).call.fail(overload());
    const second = await nextCall();
    expect(second.id).toBe('puppet:middle');
    second.call.answer({ text: 'seven' });
    expect(await world.ended(agentId)).toMatchObject({
      status: 'completed',
      model: 'puppet:middle',
    });
    expect(chosen(agentId)).toMatchObject([
      {
        from: 'puppet:small',
        model: { id: 'puppet:middle' },
        reasons: ['overloaded', expect.any(String)],
      },
    ]);
    expect(world.typesOf(agentId).slice(-6)).toEqual([
      ...['ModelCallStarted', 'ModelCallSettled', 'ModelChosen', 'ModelCallStarted'],
      ...['ModelCallSettled', 'AgentCompleted'],
    ]);
    expect(await divergence(agentId)).toBeUndefined();
  });

  it('ends the agent with all that was tried when the last one fails too', async () => {
    await begin({ fallbacks });
    const agentId = await world.spawn(named('puppet:small'));
    for (let tries = 0; tries < 3; tries += 1) (await nextCall()).call.fail(overload());
    const { failure } = await world.ended(agentId);
    expect(failure?.message).toBe(
      'puppet:large: overloaded. Tried before: puppet:small (overloaded); puppet:middle (overloaded).',
    );
    expect(await divergence(agentId)).toBeUndefined();
  });

  it('refuses for all of its chain, unless the registry says otherwise', async () => {
    await begin({ fallbacks });
    const refused = await world.spawn(named('puppet:small'));
    (await nextCall()).call.fail(refusal());
    expect(await world.ended(refused)).toMatchObject({ failure: { message: 'I will not' } });
    await begin({ fallbacks: { 'puppet:small': { ...chain, onRefusal: true } } });
    await world.spawn(named('puppet:small'));
    (await nextCall()).call.fail(refusal());
    expect((await nextCall()).id).toBe('puppet:middle');
  });

  it('is not waited for when its provider asks for a long pause', async () => {
    await begin({ fallbacks });
    const agentId = await world.spawn(named('puppet:small'));
    const details = { retryable: true, isRateLimit: true, retryAfterMs: 600_000 };
    (await nextCall()).call.fail(new ModelError('slow down', details));
    await world.seen(agentId, 'ModelChosen');
    expect(world.typesOf(agentId)).not.toContain('AgentParked');
  });

  it('leaves out what the agent can not pay', async () => {
    await begin({ fallbacks });
    const limits = { costMicroUsd: 30_000 };
    const agentId = await world.spawn({ ...named('puppet:small'), limits });
    (await nextCall()).call.fail(overload());
    (await nextCall()).call.fail(overload());
    const { failure } = await world.ended(agentId);
    expect(failure?.message).toContain('puppet:middle: overloaded');
  });

  it('leaves the turn to the next best where it was chosen', async () => {
    const agentId = await world.spawn({ ...named('auto'), description: HARD });
    (await nextCall()).call.fail(overload());
    const second = await nextCall();
    expect(second.id).toBe('puppet:middle');
    second.call.answer({ text: 'so' });
    await world.ended(agentId);
    expect(chosen(agentId)).toHaveLength(2);
    expect(await divergence(agentId)).toBeUndefined();
  });

  it('repeats no effect of a tool', async () => {
    await begin({ fallbacks });
    await world.spawn({ ...named('puppet:small'), tools: ['tools__act'] });
    (await nextCall()).call.answer({ toolCalls: [{ name: 'tools__act', arguments: '{}' }] });
    (await world.tools.next()).answer({ content: 'done', isError: false });
    (await nextCall()).call.fail(overload());
    const { request, id } = await nextCall();
    expect(id).toBe('puppet:middle');
    expect(request.messages.filter(({ role }) => role === 'tool')).toHaveLength(1);
    expect(world.tools.count).toBe(1);
  });
});

describe('a model that reads short offers', () => {
  const short = {
    ...models,
    'puppet:small': { ...models['puppet:small'], offer: 'short' as const },
  };
  const fallbacks = { 'puppet:small': { models: ['puppet:middle'], onRefusal: false } };

  it('has one sentence of each tool; what takes over from it has all of them', async () => {
    await begin({ models: short, fallbacks });
    const agentId = await world.spawn(named('puppet:small'));
    const first = await nextCall();
    first.call.fail(new ModelError('overloaded', { retryable: true, kind: 'overload' }));
    const second = await nextCall();
    expect([first.id, second.id]).toEqual(['puppet:small', 'puppet:middle']);
    const [few, all] = [first, second].map(({ request }) => JSON.stringify(request.tools).length);
    expect(few).toBeLessThan(all ?? 0);
    const namesOf = ({ request }: typeof first) => request.tools.map(({ name }) => name);
    expect(namesOf(first)).toEqual(namesOf(second));
    second.call.answer({ text: 'so' });
    await world.ended(agentId);
    expect(await divergence(agentId)).toBeUndefined();
  });
});
