import { describe, expect, it } from '@jest/globals';
import { toolCatalogue, type ToolName } from '../catalogue/tool-catalogue.js';
import { asMeant } from './as-meant.js';

const ID = '019b76da-a800-77a9-a8cd-4d1ddd4e821b';

function inputOf(name: ToolName) {
  const tool = toolCatalogue.find((contract) => contract.name === name);
  if (tool === undefined) throw new Error(`there is no ${name}`);
  return tool.input;
}

/** What the tool gets. */
const parsed = (name: ToolName, given: unknown): unknown =>
  inputOf(name).parse(asMeant(inputOf(name), given));

/** Whether the tool refuses it still. */
const isRefused = (name: ToolName, given: unknown): boolean =>
  !inputOf(name).safeParse(asMeant(inputOf(name), given)).success;

describe('what is not there', () => {
  it.each([
    ['list_agents', { parentId: null, rootId: null, status: null, cursor: null, limit: null }],
    ['list_agents', { parentId: '', rootId: '', status: '', cursor: '', limit: '' }],
    ['list_agents', {}],
  ] as const)('may be null or empty: %s %j', (name, given) => {
    expect(parsed(name, given)).toEqual({ limit: 50 });
  });

  it('may be null or empty at any depth', () => {
    const given = {
      task: { description: 'hi', context: null, expectedOutput: '' },
      model: { id: null, temperature: null, maxTokens: '' },
      ...{ template: '', parentId: '', idempotencyKey: '', tools: [null], limits: null },
      ...{ priority: null, onParentClose: '', metadata: { a: null, b: 'c' } },
    };
    expect(parsed('spawn_agent', given)).toEqual({
      task: { description: 'hi', expectedOutput: '' },
      model: {},
      tools: [],
      metadata: { b: 'c' },
    });
  });

  it.each([{ name: '', parameters: {} }, { name: null, parameters: null }, {}])(
    'may be an object that says nothing: %j',
    (strategy) => {
      const task = { description: 'hi' };
      expect(parsed('spawn_agent', { task, strategy })).not.toHaveProperty('strategy');
      expect(isRefused('spawn_agent', { task, strategy: { ...strategy, of: 'x' } })).toBe(true);
    },
  );

  it('leaves a question about usage as one without arguments', () => {
    const given = { by: '', since: '', until: null, rootId: '', limit: '' };
    expect(parsed('get_usage', given)).toEqual({});
  });

  it.each(['get_agent_result', 'get_agent_events', 'list_agents', 'export_agent'] as const)(
    'may be an empty cursor: %s',
    (name) => {
      expect(
        parsed(name, { ...(name !== 'list_agents' && { agentId: ID }), cursor: '' }),
      ).not.toHaveProperty('cursor');
    },
  );

  it('is missed where it is needed', () => {
    expect(isRefused('get_agent_status', { agentId: null })).toBe(true);
    expect(isRefused('spawn_agent', { task: { description: '' } })).toBe(true);
    expect(isRefused('spawn_agent', { task: '' })).toBe(true);
  });
});

describe('an empty text that says something', () => {
  it('stays', () => {
    const given = { agentId: ID, toolCallId: 'm1_0', decision: 'happened', text: '' };
    expect(parsed('answer_agent', given)).toEqual(given);
  });
});

describe('text', () => {
  it.each([
    ['wait_agent', { agentId: ID, timeoutSeconds: ' 5 ' }, { agentId: ID, timeoutSeconds: 5 }],
    ['wait_agent', { agentId: ID, timeoutSeconds: '2.5' }, { agentId: ID, timeoutSeconds: 2.5 }],
    ['fork_agent', { agentId: ID, at: '3' }, { agentId: ID, at: 3 }],
    ['list_agents', { cursor: 7 }, { cursor: '7', limit: 50 }],
    ['spawn_agent', { task: 'hi' }, { task: { description: 'hi' } }],
    ['spawn_agent', { task: '{"description":"hi"}' }, { task: { description: 'hi' } }],
    [
      'spawn_agent',
      { task: 'hi', limits: '{"tokens":"9"}', tools: '["a__b"]', model: 'scripted:echo' },
      {
        task: { description: 'hi' },
        ...{ limits: { tokens: 9 }, tools: ['a__b'], model: { id: 'scripted:echo' } },
      },
    ],
    [
      'spawn_agent',
      { task: 'hi', tools: 'a__b' },
      { task: { description: 'hi' }, tools: ['a__b'] },
    ],
    ['spawn_agent', { task: '{ not JSON' }, { task: { description: '{ not JSON' } }],
    [
      'fork_agent',
      { agentId: ID, model: { id: 'scripted:echo', temperature: null } },
      { agentId: ID, model: 'scripted:echo' },
    ],
  ] as const)('is taken for what is wanted: %s %j', (name, given, meant) => {
    expect(parsed(name, given)).toEqual(meant);
  });

  it.each([
    ['wait_agent', { agentId: ID, timeoutSeconds: 'soon' }],
    ['wait_agent', { agentId: ID, timeoutSeconds: '0x10' }],
    ['wait_agent', { agentId: ID, timeoutSeconds: `${'1'.repeat(40)}` }],
    ['spawn_agent', { task: 'hi', limits: 'many' }],
    ['spawn_agent', { task: 'hi', tools: 'no grant' }],
    ['fork_agent', { agentId: ID, model: { id: 'a', temperature: 1 } }],
    ['get_agent_status', { agentId: [ID] }],
  ] as const)('that is nothing of the kind is refused: %s %j', (name, given) => {
    expect(isRefused(name, given)).toBe(true);
  });
});

describe('an id', () => {
  it('may be written in capitals', () => {
    expect(parsed('get_agent_status', { agentId: ID.toUpperCase() })).toEqual({ agentId: ID });
  });
});

describe('what the schema does not know', () => {
  it('is refused, whatever its name', () => {
    expect(isRefused('get_agent_status', { agentId: ID, extra: null })).toBe(true);
    expect(isRefused('get_agent_status', JSON.parse(`{"agentId":"${ID}","__proto__":{}}`))).toBe(
      true,
    );
    expect(isRefused('get_agent_status', { agentId: ID, constructor: null })).toBe(true);
  });
});
