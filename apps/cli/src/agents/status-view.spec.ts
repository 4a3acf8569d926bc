import type { StatusShape } from '@skynet/contracts';
import { describe, expect, it } from '@jest/globals';
import { recordingTerminal } from '../testing/recording-terminal.js';
import { countByStatus, dollars, renderStatus } from './status-view.js';

const { colors } = recordingTerminal();
const shape: StatusShape = {
  agentId: 'a',
  rootId: 'r',
  parentId: 'p',
  status: 'waiting',
  depth: 1,
  model: 'scripted:slow',
  task: 'wait\u001b[2J',
  progress: { message: 'step 1', percent: 33.3 },
  waitingFor: {
    kind: 'input',
    ids: ['m1_0'],
    inDoubt: [{ toolCallId: 'm1_0', reason: 'timed out' }],
  },
  unreadMessages: 2,
  spent: { inputTokens: 10, outputTokens: 5, costMicroUsd: 1_500 },
  limits: {
    tokens: 1_000,
    costMicroUsd: 5_000_000,
    depth: 1,
    children: 2,
    descendants: 3,
    deadline: '2026-01-02T04:00:00.000Z',
  },
  children: [
    { agentId: 'c', status: 'completed', task: 'c' },
    { agentId: 'd', status: 'completed', task: 'd' },
    { agentId: 'e', status: 'running', task: 'e' },
  ],
  runningTimeMs: 1_234,
  updatedAt: '2026-01-02T03:00:00.000Z',
};

describe('the status of an agent', () => {
  it('says why it has its model, where that was chosen', () => {
    const modelChoice = {
      from: 'a:small',
      reasons: ['overloaded', 'the next one of its chain'],
      refused: [{ model: 'a:blind', reason: 'it takes no images' }],
      estimate: { turns: 2, costMicroUsd: 900 },
    };
    expect(renderStatus({ ...shape, modelChoice }, colors).slice(3, 7)).toEqual([
      'model      scripted:slow',
      'instead of a:small',
      'chosen     overloaded; the next one of its chain',
      'not chosen a:blind (it takes no images)',
    ]);
  });

  it('names its template, with the version where that is known', () => {
    const lineOf = (template: StatusShape['template']) =>
      renderStatus({ ...shape, template }, colors)[3];
    expect(lineOf({ name: 'poet', version: '0123456789ab' })).toBe('template   poet  0123456789ab');
    expect(lineOf({ name: 'poet' })).toBe('template   poet');
    expect(lineOf(undefined)).toBe('model      scripted:slow');
  });

  it('is shown line by line', () => {
    expect(renderStatus(shape, colors)).toEqual([
      'agent      a',
      'status     waiting',
      'task       wait [2J',
      'model      scripted:slow',
      'parent     p',
      'root       r',
      'progress   33 % step 1',
      'waits for  input: m1_0 (timed out)',
      'unread     2 messages',
      'children   2 completed, 1 running',
      'tokens     15 of 1000',
      'cost       $0.001500 of $5.00',
      'ran        1.2 s',
      'deadline   2026-01-02T04:00:00.000Z',
      'updated    2026-01-02T03:00:00.000Z',
    ]);
  });

  it('has the questions that it waits with', () => {
    const questions = [
      { toolCallId: 'm1_0', question: 'Which\u001b?', choices: ['a', 'b'], until: '2026' },
      { toolCallId: 'm1_1', question: 'Why?' },
    ];
    const waitingFor = { kind: 'input' as const, ids: ['m1_0', 'm1_1'], questions };
    expect(renderStatus({ ...shape, waitingFor }, colors)).toContain(
      'waits for  input: m1_0 (Which ?: a or b, until 2026), m1_1 (Why?)',
    );
  });

  it('says where its trace is, when that is known', () => {
    expect(renderStatus(shape, colors, 'http://jaeger/trace/1').at(-1)).toBe(
      'trace      http://jaeger/trace/1',
    );
  });

  it('has no line for what the agent has not', () => {
    const { parentId, progress, waitingFor, unreadMessages, ...root } = shape;
    expect([parentId, progress?.percent, waitingFor?.kind]).toEqual(['p', 33.3, 'input']);
    expect(unreadMessages).toBe(2);
    const text = renderStatus({ ...root, children: [] }, colors).join('\n');
    expect(text).not.toMatch(/parent|root|progress|waits for|unread|children/);
  });
});

describe('agents of several statuses', () => {
  it('are counted in the order in which a status first appears', () => {
    const agents = (['queued', 'failed', 'queued'] as const).map((status) => ({ status }));
    expect(countByStatus(agents)).toBe('2 queued, 1 failed');
  });
});

describe('money', () => {
  it.each([
    [0, '$0.00'],
    [1_230_000, '$1.23'],
    [1, '$0.000001'],
  ])('%i millionths of a dollar are %s', (microUsd, text) => {
    expect(dollars(microUsd)).toBe(text);
  });
});
