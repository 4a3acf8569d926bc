import { hash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { readAgentEvent, type AgentEvent } from '@skynet/contracts';
import { agentSpawned, loadHistories } from '@skynet/testing';
import { agentDecider } from './decisions/agent.decider.js';
import { isSpawned, type AgentState, type SpawnedAgent } from './agent/agent-state.js';
import {
  AGENT_STATE_SCHEMA,
  snapshotToState,
  stateToSnapshot,
  type AgentSnapshot,
} from './snapshot.js';

const decider = agentDecider((text) => hash('sha256', text));
const goldenHistories = loadHistories(new URL('./histories/', import.meta.url), 'v');

/** What is left after a way through a store. */
const stored = (snapshot: AgentSnapshot) => JSON.parse(JSON.stringify(snapshot)) as AgentSnapshot;

/** The states of a stream, after each of its events. */
function statesOf(events: readonly AgentEvent[]): SpawnedAgent[] {
  let state: AgentState = decider.initialState;
  return events
    .map((event) => (state = decider.evolve(state, event)))
    .filter((folded) => isSpawned(folded));
}

/** A conversation in which each of so many turns calls a tool. */
function longConversation(turns: number): AgentEvent[] {
  const text = 'x'.repeat(8_000);
  const usage = { inputTokens: 1, outputTokens: 1, costMicroUsd: 0 };
  const toolCalls = [{ id: 'call', name: 'files__read', arguments: '{}' }];
  const outcome = { kind: 'answered', text, toolCalls } as const;
  const turn = (index: number): AgentEvent[] => [
    { type: 'ModelCallSettled', data: { callId: `m${index}`, usage, outcome } },
    { type: 'ToolCallSettled', data: { toolCallId: 'call', content: text, isError: false } },
  ];
  return [agentSpawned(), ...Array.from({ length: turns }, (_, index) => turn(index)).flat()];
}

describe.each(goldenHistories)('the history $name', ({ events }) => {
  it('leads to the same states from a snapshot taken at any of its events', () => {
    for (const state of statesOf(events.map(readAgentEvent))) {
      expect(snapshotToState(stored(stateToSnapshot(state)))).toEqual(state);
    }
  });
});

describe('the schema of states', () => {
  it('is that of the states which the golden histories fold to today', () => {
    const states = goldenHistories
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ events }) => statesOf(events.map(readAgentEvent)).map(stateToSnapshot));
    // State or folding changed: give AGENT_STATE_SCHEMA this value, so that older snapshots are not read any more.
    expect(hash('sha256', JSON.stringify(states))).toBe(AGENT_STATE_SCHEMA);
  });
});

describe('a long conversation', () => {
  const states = statesOf(longConversation(60));
  const last = states.at(-1) as SpawnedAgent;

  it('is kept in pages, and is whole again when they are read', () => {
    const snapshot = stored(stateToSnapshot(last));
    expect(snapshot.pages.length).toBeGreaterThan(2);
    expect(snapshotToState(snapshot)).toEqual(last);
  });

  it('never changes a page that is full', () => {
    const { pages } = stateToSnapshot(last);
    for (const state of states) {
      const earlier = stateToSnapshot(state).pages;
      expect(earlier).toEqual(pages.slice(0, earlier.length));
    }
  });

  it('is not taken for whole when a page is missing', () => {
    const { head, pages } = stateToSnapshot(last);
    expect(() => snapshotToState({ head, pages: pages.slice(1) })).toThrow('entries');
  });
});
