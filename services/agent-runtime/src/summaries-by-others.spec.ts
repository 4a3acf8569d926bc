import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentId } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import { ModelError } from './models/model.port.js';
import { SUMMARY_REQUEST } from './prompt/summary.js';
import type { Registry } from './registry/registry.config.js';
import type { ModelCall } from './testing/puppets.js';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld } from './testing/world-of-test.js';

const CONTEXT_TOKENS = 32_000;
const TALK = 'talk '.repeat(2_500);

let world: RuntimeWorld;

async function begin(fields: Partial<Registry> = {}): Promise<void> {
  const price = { inputMicroUsdPerMillion: 1, outputMicroUsdPerMillion: 1 };
  const models = {
    'puppet:any': { contextTokens: CONTEXT_TOKENS },
    'puppet:cheap': { price, maxTokens: 2_000 },
  };
  const registry = { models, compactionModel: 'puppet:cheap', ...fields };
  world = await RuntimeWorld.create(new ManualClock(), registry);
  await world.start({ slots: 1 });
}

beforeEach(() => begin());
afterEach(() => endWorld(world));

const asksForSummary = ({ request: { messages } }: ModelCall) =>
  messages.some((message) => message.role === 'user' && message.text === SUMMARY_REQUEST);

function answer({ request, ...call }: ModelCall, text: string, tool?: string): void {
  const toolCalls = tool === undefined ? [] : [{ name: tool, arguments: '{}' }];
  const inputTokens = Math.ceil(JSON.stringify([request.messages, request.tools]).length / 4);
  call.answer({ text, toolCalls, usage: { inputTokens, outputTokens: 50, costMicroUsd: 7 } });
}

async function aboutToSummarise(): Promise<{ agentId: AgentId; call: ModelCall }> {
  const agentId = await world.spawn({ tools: ['tools__*'] });
  for (let count = 1; count < 50; count += 1) {
    const call = await world.models.next();
    if (asksForSummary(call)) return { agentId, call };
    answer(call, `${count}: ${TALK}`, 'tools__act');
    (await world.tools.next()).answer({ content: 'ok', isError: false });
  }
  throw new Error('nobody has asked for a summary');
}

const askedFor = (agentId: AgentId) =>
  world
    .eventsOf(agentId)
    .filter(({ type, data }) => type === 'ModelCallStarted' && 'purpose' in (data as object))
    .map(({ data }) => (data as { model: string }).model);

async function verified(agentId: AgentId): Promise<void> {
  const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
  expect(verification).not.toHaveProperty('divergence');
  expect(verification?.requests.unchecked).toBe(0);
}

describe('a model for summaries', () => {
  it('writes them, at its own price, and the agent goes on with its own model', async () => {
    const { agentId, call } = await aboutToSummarise();
    expect(askedFor(agentId)).toEqual(['puppet:cheap']);
    expect(call.request.price).toEqual({ inputMicroUsdPerMillion: 1, outputMicroUsdPerMillion: 1 });
    expect(call.request.maxTokens).toBe(2_000);
    answer(call, 'So far: nothing.');
    const next = await world.models.next();
    expect(JSON.stringify(next.request.messages[1])).toContain('So far: nothing.');
    answer(next, 'done');
    const { spent, modelUse } = await world.ended(agentId);
    const cheap = modelUse?.find(({ model }) => model === 'puppet:cheap');
    expect(cheap).toMatchObject({ calls: 1, costMicroUsd: 7 });
    expect(spent.costMicroUsd).toBeGreaterThan(7);
    const last = world.eventsOf(agentId).findLast(({ type }) => type === 'ModelCallStarted');
    expect(last?.data).toMatchObject({ model: 'puppet:any', attempt: 1 });
    await verified(agentId);
  });

  it('that fails gives way to the agent’s own, which ends the agent when it fails as well', async () => {
    const { agentId, call } = await aboutToSummarise();
    call.fail(new ModelError('no credit', { retryable: false }));
    const own = await world.models.next();
    expect(asksForSummary(own)).toBe(true);
    expect(askedFor(agentId)).toEqual(['puppet:cheap', 'puppet:any']);
    answer(own, 'So far: nothing.');
    answer(await world.models.next(), 'done');
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed' });
    await verified(agentId);
  });

  it('that is not there is not asked', async () => {
    await endWorld(world);
    const models = {
      'puppet:any': { contextTokens: CONTEXT_TOKENS, compactionModel: 'nobody:knows' },
    };
    await begin({ models });
    const { agentId, call } = await aboutToSummarise();
    expect(askedFor(agentId)).toEqual(['puppet:any']);
    call.fail(new ModelError('no credit', { retryable: false }));
    expect(await world.ended(agentId)).toMatchObject({ failure: { reason: 'MODEL_FAILED' } });
    await verified(agentId);
  });

  it('whose window is too small is not asked', async () => {
    await endWorld(world);
    const price = { inputMicroUsdPerMillion: 1, outputMicroUsdPerMillion: 1 };
    const models = {
      'puppet:any': { contextTokens: CONTEXT_TOKENS },
      'puppet:cheap': { price, maxTokens: 2_000, contextTokens: 8_000 },
    };
    await begin({ models });
    const { agentId, call } = await aboutToSummarise();
    expect(askedFor(agentId)).toEqual(['puppet:any']);
    answer(call, 'So far: nothing.');
    answer(await world.models.next(), 'done');
    await world.ended(agentId);
    await verified(agentId);
  });
});
