import { describe, expect, it } from '@jest/globals';
import type { ConversationEntry, SpawnedAgent } from '@skynet/domain-agents';
import { MemoryPayloadStore, silentLogger, storeText } from '@skynet/platform';
import { agentSpawned, anAgentId, aSpec, someLimits, ManualClock } from '@skynet/testing';
import { PuppetTools } from '../testing/puppets.js';
import { aRegistry, aServer } from '../testing/registries.js';
import { ToolBox } from '../tools/tool-box.js';
import { modelRequest } from './model-request.js';
import { grantedTools } from './granted-tools.js';
import { makeOffer } from './offer.js';
import { WIND_DOWN, WIND_DOWN_BYTES } from './wind-down.js';

const payloads = new MemoryPayloadStore();
const registry = aRegistry({ servers: { tools: aServer({ recovery: 'key' }) } });
const tools = new PuppetTools('tools');
tools.tools.push({ name: 'secret', description: '', inputSchema: { type: 'object' } });
const toolBox = new ToolBox(registry, new Map([['tools', tools]]), {
  clock: new ManualClock(),
  log: silentLogger,
});

function agentWith(
  fields: Parameters<typeof aSpec>[0] = {},
  { limits = someLimits(), conversation = [] as ConversationEntry[] } = {},
): SpawnedAgent {
  const spec = aSpec({ tools: ['tools__act'], ...fields });
  return { spawned: agentSpawned({ spec, limits }).data, conversation } as unknown as SpawnedAgent;
}

const offerTo = async (agent: SpawnedAgent, model?: Parameters<typeof makeOffer>[1]) =>
  makeOffer(agent, model, { ...(await grantedTools(agent, { toolBox, registry })), payloads });

async function requestOf(agent: SpawnedAgent, windDown = false) {
  const settings = { payloads, maxTokens: 100, windDown };
  return modelRequest(agent, await offerTo(agent), settings);
}

describe('the task as the model reads it', () => {
  it('has context and expected output under their names, all fetched', async () => {
    const long = 'é'.repeat(5_000);
    const context = await storeText(payloads, 'acme', long);
    const task = { description: 'count', context, expectedOutput: 'a number' };
    const { messages } = await requestOf(agentWith({ task }));
    const text = `count\n\nContext:\n${long}\n\nExpected output:\na number`;
    expect(messages).toEqual([{ role: 'user', text }]);
  });
});

describe('the tools on offer', () => {
  it('are the built-in ones and those granted, with the operator’s policies', async () => {
    const { tools: offered, context } = await offerTo(agentWith());
    expect(offered.map(({ name }) => name)).toEqual([
      'spawn_agent',
      'await_agents',
      'report_progress',
      'send_message',
      'await_message',
      'subscribe',
      'ask_human',
      'think',
      'now',
      'read_result',
      'board_read',
      'board_write',
      'tools__act',
    ]);
    expect(context.recoveries).toEqual({
      tools__act: 'key',
      read_result: 'retry',
      board_read: 'retry',
      notes_read: 'retry',
      notes_write: 'retry',
      board_write: 'retry',
    });
  });

  it.each([{ depth: 0 }, { children: 0 }])('have no spawn with %j', async (fields) => {
    const { tools: offered } = await offerTo(agentWith({}, { limits: someLimits(fields) }));
    expect(offered.map(({ name }) => name)).toEqual([
      'report_progress',
      'ask_human',
      'think',
      'now',
      'read_result',
      'tools__act',
    ]);
  });

  it('have messages for an agent without children that has a parent', async () => {
    const agent = agentWith({}, { limits: someLimits({ depth: 0 }) });
    const spawned = { ...agent.spawned, parentId: anAgentId(9) };
    const { tools: offered } = await offerTo({ ...agent, spawned });
    expect(offered.map(({ name }) => name)).toContain('send_message');
  });
});

describe('the size of the prompt', () => {
  it('is no less than what is sent, the provider’s share included', async () => {
    const agent = agentWith({ instructions: 'Count slowly.' });
    const model = { overheadBytes: 1_000 } as Parameters<typeof makeOffer>[1];
    const offer = await offerTo(agent, model);
    const { instructions, messages, tools: offered } = await requestOf(agent);
    const sent = Buffer.byteLength(JSON.stringify({ instructions, messages, offered }));
    expect(offer.context.promptBytes).toBeGreaterThan(sent + 1_000 - 100);
  });

  it('has room for the last word', () => {
    expect(Buffer.byteLength(WIND_DOWN)).toBeLessThan(WIND_DOWN_BYTES);
  });

  it('and the hash differ when the offer differs', async () => {
    const hashes = [agentWith(), agentWith({ tools: [] }), agentWith({ instructions: 'x' })];
    const offers = await Promise.all(hashes.map((agent) => offerTo(agent)));
    expect(new Set(offers.map(({ context }) => context.promptHash)).size).toBe(3);
  });
});

describe('a request in the middle of a conversation', () => {
  const call = { id: 'm1_0', name: 'await_agents', arguments: '{}' };
  const spent = { inputTokens: 1, outputTokens: 1, costMicroUsd: 0, descendants: 0 };
  const failure = { reason: 'TASK_FAILED', message: 'no stars', retryable: false };
  const [done, failed] = [anAgentId(2), anAgentId(3)];
  const conversation: ConversationEntry[] = [
    { kind: 'answer', text: '', toolCalls: [call] },
    {
      kind: 'childReports',
      toolCallId: 'm1_0',
      reason: 'met',
      reports: [
        { agentId: done, status: 'completed', output: 'seven', spent },
        { agentId: failed, status: 'failed', failure, spent },
      ],
    },
  ];

  it('tells what the children left, results and failures', async () => {
    const { messages } = await requestOf(agentWith({}, { conversation }));
    expect(messages[1]).toEqual({ role: 'assistant', text: '', toolCalls: [call] });
    const [, , told] = messages;
    expect(told).toMatchObject({ role: 'tool', toolCallId: 'm1_0', isError: false });
    expect(JSON.parse(told?.role === 'tool' ? told.content : '')).toEqual({
      reason: 'met',
      agents: [
        { agentId: done, status: 'completed', output: 'seven', spent },
        { agentId: failed, status: 'failed', failure, spent },
      ],
    });
  });

  it('asks for a last word without any tools when the budget is used up', async () => {
    const { messages, tools: offered } = await requestOf(agentWith({}, { conversation }), true);
    expect(messages.at(-1)).toEqual({ role: 'user', text: WIND_DOWN });
    expect(offered).toEqual([]);
  });
});
