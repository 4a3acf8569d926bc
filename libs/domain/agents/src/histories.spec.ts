import { hash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  agentEventSchemas,
  agentRowSchema,
  readAgentEvent,
  storedAgentEvents,
  type AgentRow,
} from '@skynet/contracts';
import { loadHistories, type History } from '@skynet/testing';
import { agentDecider } from './decisions/agent.decider.js';
import { agentRowProjection } from './agent-row.projection.js';
import { isSpawned, type AgentState } from './agent/agent-state.js';

const decider = agentDecider((text) => hash('sha256', text));
const folder = new URL('./histories/', import.meta.url);

function replay(history: History): { state: unknown; row: AgentRow | undefined } {
  let state: AgentState = decider.initialState;
  let row: AgentRow | undefined;
  history.events.forEach((stored, revision) => {
    const event = readAgentEvent(stored);
    state = decider.evolve(state, event);
    row = agentRowProjection.evolve(row, { ...event, revision, timeMs: stored.timeMs });
  });
  return { state: summaryOf(state), row };
}

/** What a history keeps of the state; the hash stands for every word of the conversation. */
function summaryOf(state: AgentState): unknown {
  if (!isSpawned(state)) return state;
  const { phase, revision, epoch, spent, conversationBytes, conversationHash } = state;
  return { phase, revision, epoch, spent, conversationBytes, conversationHash };
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe.each(loadHistories(folder, 'v'))('the history $name', (history) => {
  it('holds only events of shapes that were frozen when they were stored', () => {
    for (const { type, version, data } of history.events) {
      expect(storedAgentEvents.schemaOf(type, version)?.parse(data)).toEqual(data);
    }
  });

  it('reads today as events of the newest shapes', () => {
    for (const stored of history.events) {
      const { type, data } = readAgentEvent(stored);
      expect(agentEventSchemas[type].parse(data)).toEqual(data);
    }
  });

  it('folds today to the state and the row that it folded to then', () => {
    const { state, row } = replay(history);
    expect(plain(state)).toEqual(history.state);
    // Rows hold what calls used since the sixth of them, and versions of templates since the seventh.
    const { modelUse, toolUse: _tools, openCalls: _open, ...before } = agentRowSchema.parse(row);
    const { templateVersion: _version, ...first } = before;
    expect(plain('templateVersion' in Object(history.row) ? before : first)).toEqual(history.row);
    const calls = history.events.filter(({ type }) => type === 'ModelCallSettled').length;
    expect(modelUse?.reduce((sum, use) => sum + use.calls, 0)).toBe(calls);
  });
});

describe.each(loadHistories(folder, 'broken-'))('the altered history $name', (history) => {
  it('is told from the one that was recorded', () => {
    expect(plain(replay(history).state)).not.toEqual(history.state);
  });
});

describe('a stored event that this program does not know', () => {
  it.each([
    ['AgentDreamt', 1],
    ['AgentSpawned', 6],
    ['RunStarted', 4],
    ['RunStarted', 0],
    ['constructor', 1],
  ])('stops the fold: %s v%i', (type, version) => {
    expect(() => readAgentEvent({ type, version, data: {} })).toThrow(`${type} v${version}`);
  });
});
