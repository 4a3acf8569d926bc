import { describe, expect, it } from '@jest/globals';
import type { AgentEvent, AgentRow } from '@skynet/contracts';
import { agentSpawned } from '@skynet/testing';
import { agentRowProjection } from '../agent-row.projection.js';

const DAY_MS = 86_400_000;
const TODAY_MS = Date.UTC(2026, 0, 2);
const usage = { inputTokens: 10, outputTokens: 2, costMicroUsd: 30 };
const uncached = { ...usage, cachedTokens: 0, savedMicroUsd: 0 };

/** Events with the time at which each came, from the start of the day. */
type Timed = readonly [atMs: number, event: AgentEvent];

function rowAfter(...events: readonly Timed[]): AgentRow {
  const first = { ...agentSpawned({}), revision: 0, timeMs: TODAY_MS };
  return events.reduce(
    (row, [atMs, event]) =>
      agentRowProjection.evolve(row, {
        ...event,
        revision: row.revision + 1,
        timeMs: TODAY_MS + atMs,
      }) as AgentRow,
    agentRowProjection.evolve(undefined, first) as AgentRow,
  );
}

const asked = (callId: string, model = 'a:b'): AgentEvent => ({
  type: 'ModelCallStarted',
  data: {
    ...{ callId, attempt: 1, model, maxTokens: 10, windDown: false, requestHash: '' },
    held: usage,
  },
});

type Outcome = Extract<AgentEvent, { type: 'ModelCallSettled' }>['data']['outcome'];

const settled = (callId: string, outcome: Outcome): AgentEvent => ({
  type: 'ModelCallSettled',
  data: { callId, usage, outcome },
});

const answered = (...names: readonly string[]): Outcome => ({
  ...{ kind: 'answered', text: '' },
  toolCalls: names.map((name, index) => ({ id: `t${index}`, name, arguments: '{}' })),
});

const began = (toolCallId: string): AgentEvent => ({
  type: 'ToolCallStarted',
  data: { toolCallId, attempt: 1, recovery: 'retry' },
});

const done = (toolCallId: string, more: object = {}): AgentEvent => ({
  type: 'ToolCallSettled',
  data: { toolCallId, content: '', isError: false, ...more },
});

describe('calls of models in a row', () => {
  it('are summed by day and model, with their time and the slowest of them', () => {
    const { modelUse, openCalls } = rowAfter(
      ...([
        [0, asked('1')],
        [400, settled('1', answered())],
      ] as const),
      ...([
        [500, asked('2')],
        [600, settled('2', { kind: 'lost' })],
      ] as const),
      ...([
        [700, asked('3', 'c:d')],
        [701, settled('3', answered())],
      ] as const),
      ...([
        [DAY_MS - 5, asked('4')],
        [DAY_MS + 5, settled('4', answered())],
      ] as const),
    );
    expect(modelUse).toEqual([
      {
        ...{ model: 'a:b', dayMs: TODAY_MS, calls: 2, failed: 1, ms: 500, slowestMs: 400 },
        ...{
          inputTokens: 20,
          outputTokens: 4,
          costMicroUsd: 60,
          cachedTokens: 0,
          savedMicroUsd: 0,
        },
      },
      { model: 'c:d', dayMs: TODAY_MS, calls: 1, failed: 0, ms: 1, slowestMs: 1, ...uncached },
      {
        model: 'a:b',
        dayMs: TODAY_MS + DAY_MS,
        calls: 1,
        failed: 0,
        ms: 10,
        slowestMs: 10,
        ...uncached,
      },
    ]);
    expect(openCalls).toBeUndefined();
  });

  it('tell what a cache of the provider gave', () => {
    const event = settled('1', answered());
    const cached = { tokens: 7, savedMicroUsd: 2 };
    const data = { ...event.data, cached } as typeof event.data;
    const { modelUse } = rowAfter([0, asked('1')], [9, { ...event, data } as AgentEvent]);
    expect(modelUse).toMatchObject([{ cachedTokens: 7, savedMicroUsd: 2 }]);
  });

  it('that were cut off for a message have not failed', () => {
    const { modelUse } = rowAfter([0, asked('1')], [9, settled('1', { kind: 'interrupted' })]);
    expect(modelUse).toMatchObject([{ calls: 1, failed: 0 }]);
  });

  it('count when they settle after the end of the agent', () => {
    const end: AgentEvent = { type: 'AgentExpired', data: {} };
    const { modelUse } = rowAfter([0, asked('1')], [5, end], [9, settled('1', { kind: 'lost' })]);
    expect(modelUse).toMatchObject([{ model: 'a:b', calls: 1, ms: 9, costMicroUsd: 30 }]);
  });

  it('take a bounded place, and none of them is lost', () => {
    const events = Array.from({ length: 100 }, (_each, index): readonly Timed[] => [
      [index * DAY_MS, asked(`${index}`)],
      [index * DAY_MS + 1, settled(`${index}`, answered())],
    ]);
    const { modelUse = [] } = rowAfter(...events.flat());
    expect(modelUse).toHaveLength(64);
    expect(modelUse[0]).toMatchObject({ calls: 37, inputTokens: 370, ms: 37 });
    expect(modelUse.reduce((sum, { calls }) => sum + calls, 0)).toBe(100);
  });
});

describe('calls of tools in a row', () => {
  const turn = [
    [0, asked('1')],
    [10, settled('1', answered('read', 'read', 'think'))],
  ] as const;

  it('are summed by day and name; one that was never started took no time', () => {
    const row = rowAfter(
      ...turn,
      ...([
        [20, began('t0')],
        [21, began('t1')],
        [40, done('t1', { isError: true })],
        [120, done('t0')],
      ] as const),
      [130, done('t2')],
    );
    expect(row.toolUse).toEqual([
      { tool: 'read', dayMs: TODAY_MS, calls: 2, failed: 1, fromCache: 0, ms: 119, slowestMs: 100 },
      { tool: 'think', dayMs: TODAY_MS, calls: 1, failed: 0, fromCache: 0, ms: 0, slowestMs: 0 },
    ]);
    expect(row.openCalls).toBeUndefined();
  });

  it('tell whose results were kept from a call before', () => {
    const row = rowAfter(...turn, [20, done('t0', { fromCache: true })], [21, done('t1')]);
    expect(row.toolUse).toMatchObject([{ tool: 'read', calls: 2, fromCache: 1 }]);
  });

  it('are shown by name while they run', () => {
    const row = rowAfter(...turn, [20, began('t1')]);
    expect(row.step).toBe('tool read');
    expect(row.openCalls).toEqual([
      { id: 't0', name: 'read' },
      { id: 't1', name: 'read', sinceMs: TODAY_MS + 20 },
      { id: 't2', name: 'think' },
    ]);
  });

  it('have few names, and short ones', () => {
    const names = Array.from({ length: 100 }, (_each, index) => `${index}${'x'.repeat(500)}`);
    const ends = names.map((_each, index): Timed => [20, done(`t${index}`)]);
    const { toolUse = [] } = rowAfter(
      [0, asked('1')],
      [10, settled('1', answered(...names))],
      ...ends,
    );
    expect(toolUse).toHaveLength(64);
    expect(toolUse.at(-1)).toMatchObject({ tool: '(others)', calls: 37 });
    expect(Math.max(...toolUse.map(({ tool }) => tool.length))).toBe(128);
  });
});

it('a row that a release from before wrote stays without calls', () => {
  const { modelUse: _models, toolUse: _tools, ...before } = rowAfter([0, asked('1')]);
  const after = agentRowProjection.evolve(before, {
    ...settled('1', answered('read')),
    ...{ revision: 2, timeMs: TODAY_MS },
  }) as AgentRow;
  expect(after.modelUse).toBeUndefined();
  expect(after.spent.inputTokens).toBe(10);
});
