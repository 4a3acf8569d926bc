import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { aRegistry } from '../../testing/registries.js';
import { modelProviderSuite } from '../../testing/suites/model-provider.suite.js';
import type { ModelAnswer, ModelMessage, ModelRequest } from '../model.port.js';
import { ScriptedModels } from './scripted.adapter.js';

const clock = new ManualClock();
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const TESTING = join(import.meta.dirname, '..', '..', 'testing');
const told = () =>
  new ScriptedModels(
    aRegistry({ folder: TESTING, models: { 'scripted:told': { module: 'told-model.mjs' } } }),
    clock,
  );

modelProviderSuite(
  'of scripts',
  () =>
    Promise.resolve({
      provider: told(),
      name: 'told',
      unknownName: 'nobody',
      prepare: (behaviour) => JSON.stringify(behaviour),
      reached: () => Promise.resolve(),
      dispose: () => Promise.resolve(),
    }),
  { absent: 'scripts need nothing' },
);

describe('a script that breaks', () => {
  it('gave no answer, and would break again', async () => {
    const task = JSON.stringify({ kind: 'break', message: 'a bug of the script' });
    await expect(ask('told', requestOf(task), { models: told() })).rejects.toMatchObject({
      name: 'ModelError',
      message: 'a bug of the script',
      details: { retryable: false },
    });
  });
});

function requestOf(task: string, ...later: ModelMessage[]): ModelRequest {
  return {
    messages: [{ role: 'user', text: task }, ...later],
    tools: [],
    maxTokens: 100,
    price: { inputMicroUsdPerMillion: 0, outputMicroUsdPerMillion: 0 },
  };
}

async function ask(
  name: string,
  request: ModelRequest,
  { models = new ScriptedModels(aRegistry(), clock), signal = new AbortController().signal } = {},
): Promise<ModelAnswer> {
  const found = await models.find(name);
  if (found === undefined) throw new Error(`no scripted:${name}`);
  return found.model.call(request, signal);
}

const namesOf = ({ toolCalls }: ModelAnswer) => toolCalls.map(({ name }) => name);

describe('scripted:echo', () => {
  it('says the description of the task, without its context', async () => {
    const { text } = await ask('echo', requestOf('count\n\nContext:\nall of them'));
    expect(text).toBe('count');
  });

  it('uses tokens, never more than it may say', async () => {
    const { usage } = await ask('echo', { ...requestOf('x'.repeat(4_000)), maxTokens: 10 });
    expect(usage?.outputTokens).toBe(10);
    expect(usage?.inputTokens).toBeGreaterThan(1_000);
  });
});

describe('scripted:chatter', () => {
  const task = JSON.stringify({ turns: 2, characters: 30 });
  const turn: ModelMessage = { role: 'assistant', text: '', toolCalls: [] };

  it('says something new in each turn, and ends after so many', async () => {
    const first = await ask('chatter', requestOf(task));
    const second = await ask('chatter', requestOf(task, turn));
    expect(namesOf(first)).toEqual(['report_progress']);
    expect(first.text).toHaveLength('turn 1: '.length + 30);
    expect(second.text).not.toEqual(first.text);
    expect(namesOf(second)).toEqual([]);
  });
});

describe('scripted:fail', () => {
  it('never answers', async () => {
    const details = { retryable: false };
    await expect(ask('fail', requestOf(''))).rejects.toMatchObject({ name: 'ModelError', details });
  });
});

describe('scripted:slow', () => {
  const task = JSON.stringify({ seconds: 10, steps: 2 });
  const turn: ModelMessage = { role: 'assistant', text: '', toolCalls: [] };

  it('takes its time in equal steps, and tells how far it is', async () => {
    let answer: ModelAnswer | undefined;
    const asked = ask('slow', requestOf(task)).then((given) => (answer = given));
    await clock.advance(4_999);
    expect(answer).toBeUndefined();
    await clock.advance(1);
    const { toolCalls } = await asked;
    expect(toolCalls).toEqual([
      { name: 'report_progress', arguments: '{"message":"step 1 of 2","percent":50}' },
    ]);
  });

  it('answers after the last step', async () => {
    const asked = ask('slow', requestOf(task, turn));
    await clock.advance(5_000);
    expect((await asked).text).toBe('done in 2 steps');
  });

  it('stops when it is given up', async () => {
    const abort = new AbortController();
    const asked = ask('slow', requestOf(task), { signal: abort.signal });
    abort.abort();
    await expect(asked).rejects.toMatchObject({ message: 'given up' });
  });
});

describe('scripted:tree', () => {
  const task = (fields: object) => JSON.stringify({ depth: 2, fanOut: 2, ...fields });
  const reported = (agents: object[]): ModelMessage[] => [
    {
      role: 'assistant',
      text: '',
      toolCalls: [{ id: 'm1_0', name: 'await_agents', arguments: '{}' }],
    },
    { role: 'tool', toolCallId: 'm1_0', content: JSON.stringify({ agents }), isError: false },
  ];

  it('spawns its children and awaits them', async () => {
    const answer = await ask('tree', requestOf(task({})));
    expect(namesOf(answer)).toEqual([
      'report_progress',
      'spawn_agent',
      'spawn_agent',
      'await_agents',
    ]);
  });

  it('lets only the leftmost leaf fail', async () => {
    const { toolCalls } = await ask('tree', requestOf(task({ failLeaf: true })));
    const failing = toolCalls.filter((call) => call.arguments.includes('failLeaf'));
    expect(failing).toEqual([toolCalls[1]]);
    await expect(ask('tree', requestOf(task({ depth: 1, failLeaf: true })))).rejects.toThrow(
      'told to fail',
    );
  });

  it('sums up what came back, failures with their reasons', async () => {
    const failure = { reason: 'MODEL_FAILED', message: '', retryable: false };
    const agents = [
      { agentId: 'a', status: 'completed', output: '{"leaves":1,"agents":1}' },
      { agentId: 'b', status: 'failed', failure },
      { agentId: 'c', status: 'running' },
    ];
    const { text } = await ask('tree', requestOf(task({}), ...reported(agents)));
    expect(JSON.parse(text)).toEqual({
      leaves: 1,
      agents: 2,
      failures: [
        { agentId: 'b', status: 'failed', reason: 'MODEL_FAILED', retryable: false },
        { agentId: 'c', status: 'running', reason: 'NO_OUTPUT', retryable: false },
      ],
    });
  });

  it.each(['no JSON', '{"depth":0,"fanOut":1}'])('fails on the task %s', async (text) => {
    await expect(ask('tree', requestOf(text))).rejects.toMatchObject({ name: 'ModelError' });
  });
});

describe('a script of the registry', () => {
  it('is a module beside the registry', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'skynet-scripts-'));
    folders.push(folder);
    const source = `export default (request) => ({ text: request.messages[0].text + '!' });`;
    writeFileSync(join(folder, 'own.mjs'), source);
    const registry = aRegistry({ folder, models: { 'scripted:own': { module: 'own.mjs' } } });
    const models = new ScriptedModels(registry, clock);
    expect((await ask('own', requestOf('hello'), { models })).text).toBe('hello!');
  });

  it('is loaded again when its file was changed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'skynet-scripts-'));
    folders.push(folder);
    const file = join(folder, 'own.mjs');
    // What a module has read is kept by the tests' own loader; how often it is loaded shows all the same.
    const count = 'const load = (globalThis.loads = (globalThis.loads ?? 0) + 1);';
    writeFileSync(file, `${count} export default () => ({ text: String(load) });`);
    const registry = aRegistry({ folder, models: { 'scripted:own': { module: 'own.mjs' } } });
    const models = new ScriptedModels(registry, clock);
    const texts: string[] = [];
    for (const second of [1, 1, 2]) {
      utimesSync(file, second, second);
      texts.push((await ask('own', requestOf('hello'), { models })).text);
    }
    expect(texts).toEqual(['1', '1', '2']);
  });

  it('that does not load is not there, and it is said why', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'skynet-scripts-'));
    folders.push(folder);
    writeFileSync(join(folder, 'odd.mjs'), 'export const text = 1;');
    const registry = aRegistry({ folder, models: { 'scripted:odd': { module: 'odd.mjs' } } });
    const models = new ScriptedModels(registry, clock);
    expect(await models.find('odd')).toBeUndefined();
    expect(models.faultOf('odd')).toBe('odd.mjs: the module exports no default function');
  });

  it('that is not named is not there', async () => {
    expect(await new ScriptedModels(aRegistry(), clock).find('own')).toBeUndefined();
  });
});
