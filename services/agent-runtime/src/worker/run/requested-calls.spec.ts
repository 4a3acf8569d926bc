import { describe, expect, it } from '@jest/globals';
import type { RequestedCall, SpawnedAgent } from '@skynet/domain-agents';
import { MemoryPayloadStore, readText, WorldError } from '@skynet/platform';
import { agentSpawned, anAgentId, aSpec, ManualClock } from '@skynet/testing';
import { SpecResolver } from '../../spec/spec-resolver.js';
import { ModelCatalogue } from '../../models/model-catalogue.js';
import { modelProviders } from '../../models/providers/model-providers.js';
import { aRegistry } from '../../testing/registries.js';
import { builtInTools } from '../../tools/built-in-tools.js';
import type { Offer } from '../../prompt/offer.js';
import { CallReader } from './requested-calls.js';
import { timeIn } from './zoned-time.js';

const clock = new ManualClock();
const payloads = new MemoryPayloadStore();
const registry = aRegistry({ defaultModel: 'scripted:echo' });
const models = new ModelCatalogue(modelProviders({}, registry, clock), registry);
const reader = new CallReader(
  new SpecResolver(registry, models, payloads, { absent: () => Promise.resolve([]) }),
  payloads,
  clock,
  { load: () => Promise.reject(new WorldError('no connection', 'later')) },
);
const agent = { spawned: agentSpawned({ spec: aSpec({ tools: [] }) }).data } as SpawnedAgent;
const act = { name: 'tools__act', description: '', inputSchema: {} };

async function read(name: string, json: string, maySpawn = true): Promise<RequestedCall> {
  const offer = {
    tools: [...builtInTools({ maySpawn, hasParent: true }), act],
  } as unknown as Offer;
  const usage = { inputTokens: 0, outputTokens: 0, costMicroUsd: 0 };
  const answer = { text: '', toolCalls: [{ name, arguments: json }], usage };
  const [call] = await reader.read(answer, { callId: 'm1', agent, offer });
  if (call === undefined) throw new Error('no call was read');
  return call;
}

describe('a call that can not be understood', () => {
  const cases: [name: string, json: string, part: string][] = [
    ['tools__act', '{"half":', 'not a JSON object'],
    ['tools__act', '[1]', 'not a JSON object'],
    ['tools__act', 'null', 'not a JSON object'],
    ['tools__other', '{}', 'UNKNOWN_TOOL'],
    ['report_progress', '{"percent":101}', 'INVALID_ARGUMENTS'],
    ['await_agents', '{"ids":["not an id"]}', 'INVALID_ARGUMENTS'],
    ['spawn_agent', '{"task":""}', 'INVALID_ARGUMENTS'],
    ['spawn_agent', '{"task":{"description":"x"},"model":{"id":"x:y"}}', 'UNKNOWN_MODEL'],
  ];

  it.each(cases)('%s %s is told to the model', async (name, json, part) => {
    const call = await read(name, json);
    expect(call).toMatchObject({ kind: 'invalid', call: { id: 'm1_0', name, arguments: json } });
    expect(call.kind === 'invalid' && call.message).toContain(part);
  });

  it('is one to spawn where no children are allowed', async () => {
    const call = await read('spawn_agent', '{"task":{"description":"x"}}', false);
    expect(call).toMatchObject({ kind: 'invalid' });
    expect(call.kind === 'invalid' && call.message).toContain(
      'report_progress, send_message, await_message, subscribe, ask_human, think, now, board_read, board_write, tools__act',
    );
  });
});

describe('a message to siblings', () => {
  it('is not sent where nobody knows who they are, and the model is told', async () => {
    const spawned = { ...agent.spawned, parentId: anAgentId(9) };
    const child = { spawned, children: new Map() } as unknown as SpawnedAgent;
    const offer = { tools: builtInTools({ maySpawn: false, hasParent: true }) } as unknown as Offer;
    const usage = { inputTokens: 0, outputTokens: 0, costMicroUsd: 0 };
    const asked = { name: 'send_message', arguments: '{"to":"siblings","text":"x"}' };
    const answer = { text: '', toolCalls: [asked], usage };
    const [call] = await reader.read(answer, { callId: 'm1', agent: child, offer });
    expect(call).toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('UNAVAILABLE'),
    });
  });
});

describe('an answer that spawns without end', () => {
  it('sends 32 messages; the others are told to the model', async () => {
    const usage = { inputTokens: 0, outputTokens: 0, costMicroUsd: 0 };
    const asked = { name: 'send_message', arguments: '{"to":" Parent","text":"x"}' };
    const answer = { text: '', toolCalls: Array.from({ length: 40 }, () => asked), usage };
    const offer = { tools: builtInTools({ maySpawn: true, hasParent: true }) } as unknown as Offer;
    const calls = await reader.read(answer, { callId: 'm1', agent, offer });
    expect(calls[31]).toMatchObject({ kind: 'message', to: 'parent', interrupts: false });
    expect(calls[32]).toMatchObject({ message: expect.stringContaining('TOO_MANY_MESSAGES') });
  });

  it('spawns a hundred; the others are told to the model', async () => {
    const usage = { inputTokens: 0, outputTokens: 0, costMicroUsd: 0 };
    const asked = { name: 'spawn_agent', arguments: '{"task":{"description":"x"}}' };
    const answer = { text: '', toolCalls: Array.from({ length: 300 }, () => asked), usage };
    const offer = { tools: builtInTools({ maySpawn: true, hasParent: true }) } as unknown as Offer;
    const calls = await reader.read(answer, { callId: 'm1', agent, offer });
    expect(calls.slice(0, 100).every(({ kind }) => kind === 'spawn')).toBe(true);
    expect(calls.slice(100).every(({ kind }) => kind === 'invalid')).toBe(true);
    expect(calls[100]).toMatchObject({ message: expect.stringContaining('TOO_MANY_SPAWNS') });
  });
});

describe('a call of a built-in tool', () => {
  it('reports progress', async () => {
    const call = await read('report_progress', '{"message":"half","percent":50}');
    expect(call).toMatchObject({ kind: 'progress', message: 'half', percent: 50 });
  });

  it('awaits all by default, until a deadline counted from now', async () => {
    expect(await read('await_agents', '')).toMatchObject({ kind: 'await', mode: 'all' });
    const ids = [anAgentId(2)];
    const json = JSON.stringify({ ids, mode: 'quorum', quorum: 1, timeoutSeconds: 1.5 });
    expect(await read('await_agents', json)).toMatchObject({
      childIds: ids,
      mode: 'quorum',
      quorum: 1,
      deadlineMs: clock.nowMs() + 1_500,
    });
  });

  it('is a question to people, with bounds', async () => {
    const json = JSON.stringify({ question: ' Which? ', choices: ['a'], timeoutSeconds: '2' });
    expect(await read('ask_human', json)).toMatchObject({
      ...{ kind: 'ask', question: 'Which?', choices: ['a'] },
      deadlineMs: clock.nowMs() + 2_000,
    });
    const wrong = [
      { question: '' },
      { question: 'x'.repeat(2_001) },
      { question: 'x', choices: [] },
      { question: 'x', choices: Array.from({ length: 11 }, (_, index) => `${index}`) },
    ];
    for (const input of wrong) {
      expect(await read('ask_human', JSON.stringify(input))).toMatchObject({
        kind: 'invalid',
        message: expect.stringContaining('INVALID_ARGUMENTS'),
      });
    }
  });

  it('is a thought, to which nothing is said', async () => {
    expect(await read('think', '{"thought":"first the roots"}')).toMatchObject({
      kind: 'told',
      content: 'ok',
    });
    expect(await read('think', '{}')).toMatchObject({ kind: 'invalid' });
  });

  it('tells the time, in the zone that is asked for', async () => {
    const time = timeIn('Asia/Kolkata', clock.nowMs());
    expect(await read('now', '{"timeZone":"Asia/Kolkata"}')).toMatchObject({ content: time });
    expect(await read('now', '')).toMatchObject({
      kind: 'told',
      content: timeIn('UTC', clock.nowMs()),
    });
    expect(await read('now', '{"timeZone":"Mars/Olympus"}')).toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('there is no time zone Mars/Olympus. Use a name such as'),
    });
  });

  it('is taken as it is meant', async () => {
    const wait = await read('await_agents', '{"ids":null,"mode":"","timeoutSeconds":"1.5"}');
    expect(wait).toMatchObject({ kind: 'await', mode: 'all', deadlineMs: clock.nowMs() + 1_500 });
    const spawn = await read('spawn_agent', '{"task":"count","template":"","limits":null}');
    expect(spawn).toMatchObject({ kind: 'spawn', spec: { task: { description: 'count' } } });
  });

  it('spawns a child whose id is the same whenever the call is read again', async () => {
    const json = '{"task":{"description":"x"}}';
    const [one, again] = [await read('spawn_agent', json), await read('spawn_agent', json)];
    expect(one).toMatchObject({ kind: 'spawn', spec: { task: { description: 'x' } } });
    expect(again).toEqual(one);
  });
});

describe('a call of a tool of a server', () => {
  it('keeps its arguments as they were written', async () => {
    expect(await read('tools__act', '{ "a": 1 }')).toEqual({
      kind: 'external',
      call: { id: 'm1_0', name: 'tools__act', arguments: '{ "a": 1 }' },
    });
  });

  it('keeps large arguments in the payload store', async () => {
    const json = JSON.stringify({ text: 'x'.repeat(9_000) });
    const { call } = await read('tools__act', json);
    expect(call.arguments).toMatchObject({ bytes: json.length });
    expect(await readText(payloads, 'acme', call.arguments)).toBe(json);
  });
});
