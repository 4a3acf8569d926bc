import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentId } from '@skynet/contracts';
import { newAgentId } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import type { ModelRequest } from './models/model.port.js';
import { SUMMARY_REQUEST } from './prompt/summary.js';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld } from './testing/world-of-test.js';

const CONTEXT_TOKENS = 32_000;
const BYTES_PER_TOKEN = 4;
const READ_BYTES = 15_000;

let world: RuntimeWorld;
const requests: ModelRequest[] = [];

beforeEach(async () => {
  requests.length = 0;
  const models = { 'puppet:any': { contextTokens: CONTEXT_TOKENS } };
  world = await RuntimeWorld.create(new ManualClock(), { models });
  await world.start();
});

afterEach(() => endWorld(world));

const tokensOf = (value: unknown) => Math.ceil(JSON.stringify(value).length / BYTES_PER_TOKEN);

function usageOf({ messages, tools }: ModelRequest) {
  return { inputTokens: tokensOf([messages, tools]), outputTokens: 20, costMicroUsd: 0 };
}

async function answer(text: string, tool?: string): Promise<ModelRequest> {
  const { request, ...call } = await world.models.next();
  requests.push(request);
  const toolCalls = tool === undefined ? [] : [{ name: tool, arguments: '{}' }];
  call.answer({ text, toolCalls, usage: usageOf(request) });
  return request;
}

async function readOnce(turn: number, bytes = READ_BYTES): Promise<void> {
  await answer(`reading ${turn}`, 'tools__act');
  const content = `${turn} `.padEnd(bytes, 'x');
  (await world.tools.next()).answer({ content, isError: false });
}

async function read(turns: number, bytes?: number): Promise<void> {
  for (let turn = 1; turn <= turns; turn += 1) await readOnce(turn, bytes);
}

const spawned = () => world.spawn({ tools: ['tools__*'] });

async function verified(agentId: AgentId): Promise<void> {
  const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
  expect(verification).not.toHaveProperty('divergence');
  expect(verification?.requests.unchecked).toBe(0);
}

const resultsIn = ({ messages }: ModelRequest) =>
  messages.flatMap((message) => (message.role === 'tool' ? [message.content] : []));

const LEFT_OUT = `[result of tools__act, ${READ_BYTES} bytes, left out to save room]`;

describe('an agent whose tools say more than its model can hold', () => {
  it('goes on without the oldest results, and has the last ones whole', async () => {
    const agentId = await spawned();
    await read(8);
    await answer('all read');
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed', output: 'all read' });
    const last = resultsIn(requests.at(-1) as ModelRequest);
    expect(last[0]).toBe(LEFT_OUT);
    expect(last.slice(-4).map((content) => content.slice(0, 2))).toEqual(['5 ', '6 ', '7 ', '8 ']);
    expect(Math.max(...requests.map(tokensOf))).toBeLessThan(CONTEXT_TOKENS);
    expect(world.typesOf(agentId)).toContain('ConversationCompacted');
    await verified(agentId);
  });

  it('is told of the size of one that does not fit at all', async () => {
    const agentId = await spawned();
    await read(1, 300_000);
    const request = await answer('too long for me');
    expect(resultsIn(request)).toEqual([
      '[result of tools__act, 300000 bytes, left out to save room]',
    ]);
    await world.ended(agentId);
    await verified(agentId);
  });

  it('can be forked before and after it has forgotten', async () => {
    const source = await spawned();
    await read(8);
    await answer('all read');
    await world.ended(source);
    const types = world.typesOf(source);
    const third = types.flatMap((type, at) => (type === 'ModelCallSettled' ? [at] : []))[2];
    expect(types.indexOf('ConversationCompacted')).toBeGreaterThan(third ?? 0);
    const before = await forked(source, third);
    expect(resultsIn(await answer('again'))[0]).toMatch(/^1 x/);
    const after = await forked(source, types.lastIndexOf('ModelCallSettled'));
    expect(resultsIn(await answer('again'))[0]).toBe(LEFT_OUT);
    for (const agentId of [before, after]) {
      await world.ended(agentId);
      await verified(agentId);
    }
  });
});

async function forked(source: AgentId, at: number | undefined): Promise<AgentId> {
  const agentId = newAgentId(world.clock);
  const { plan } = await world.ask('forkPlan', { tenant: 'acme', agentId: source, at });
  const from = { agentId: source, revision: plan?.at ?? 0 };
  expect(await world.send('ForkAgent', { agentId, from })).toMatchObject({ ok: true });
  return agentId;
}

describe('an agent whose task is larger than the window of its model', () => {
  it('fails for that, and is not asked', async () => {
    const agentId = await world.spawn({ description: 'x'.repeat(200_000) });
    expect(await world.ended(agentId)).toMatchObject({
      status: 'failed',
      failure: { reason: 'CONTEXT_FULL', retryable: false },
    });
    expect(world.models.count).toBe(0);
    await verified(agentId);
  });
});

describe('messages to an agent whose conversation is full', () => {
  const told = (turn: number) => `Gate ${turn} is closed.`;
  const asks = ({ messages }: ModelRequest, text: string) =>
    messages.filter((message) => message.role === 'user' && message.text.includes(text)).length;
  const isSummary = (request: ModelRequest) => asks(request, SUMMARY_REQUEST) > 0;

  it('are read once, also with the request for a summary', async () => {
    const agentId = await spawned();
    let summaries = 0;
    for (let turn = 1; turn <= 25; turn += 1) {
      let call = await world.models.next();
      while (isSummary(call.request)) {
        summaries += 1;
        expect(asks(call.request, told(turn - 1))).toBe(1);
        call.answer({ text: 'what I know', usage: usageOf(call.request) });
        call = await world.models.next();
      }
      if (turn > 1) expect(asks(call.request, told(turn - 1))).toBe(1);
      const toolCalls = [{ name: 'tools__act', arguments: '{}' }];
      call.answer({ text: 'x'.repeat(9_000), toolCalls, usage: usageOf(call.request) });
      const tool = await world.tools.next();
      await world.send('SendAgentMessage', { agentId, text: told(turn), interrupts: false });
      tool.answer({ content: 'done', isError: false });
    }
    expect(summaries).toBeGreaterThan(1);
    const last = await answer('all done');
    expect(asks(last, told(25))).toBe(1);
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed' });
    await verified(agentId);
  });
});
