import { describe, expect, it } from '@jest/globals';
import { agentIdOf, type AgentStateView } from '@skynet/contracts';
import pc from 'picocolors';
import { renderState } from './state-view.js';
import { renderVerification } from './verification-view.js';

const canvas = { colors: pc.createColors(false), columns: 80 };
const agentId = agentIdOf('00000000-0000-8000-8000-000000000001');
const childId = agentIdOf('00000000-0000-8000-8000-000000000002');
const none = { tokens: 0, costMicroUsd: 0, descendants: 0 };

const state: AgentStateView = {
  agentId,
  rootId: agentId,
  at: 9,
  events: 12,
  last: { type: 'ToolCallStarted', timeMs: 0 },
  status: 'running',
  model: 'scripted:tree',
  task: 'count the stars',
  epoch: 1,
  turns: 2,
  budget: {
    limits: {
      tokens: 100,
      costMicroUsd: 20_000,
      deadlineMs: 1,
      depth: 1,
      children: 1,
      descendants: 1,
    },
    spent: { inputTokens: 10, outputTokens: 5, costMicroUsd: 10_000, descendants: 0 },
    setAside: { ...none, tokens: 40 },
    held: none,
    left: { tokens: 45, costMicroUsd: 10_000, descendants: 0 },
  },
  children: [{ agentId: childId, status: 'live' }],
  waits: [],
  toolCalls: [{ id: 'm2_0', name: 'files__read', stage: 'started', attempt: 1 }],
  next: 'waits for files__read',
  conversation: [
    { by: 'model', text: 'reading', calls: [{ id: 'm2_0', name: 'files__read', arguments: '{}' }] },
    { by: 'tool', text: 'no such file', toolCallId: 'm1_0', isError: true },
  ],
  conversationFrom: 3,
  conversationLength: 5,
};

describe('an agent as it was', () => {
  it('is shown with what it had, what was open and what was said', () => {
    const lines = renderState(state, canvas);
    expect(lines).toContain('event      9 of 12: ToolCallStarted, 1970-01-01T00:00:00.000Z');
    expect(lines).toContain('tokens     15 spent, 40 set aside for children, 45 left of 100');
    expect(lines).toContain('cost       $0.01 spent, $0.01 left of $0.02');
    expect(lines).toContain('tool calls m2_0 files__read started');
    expect(lines.slice(-4)).toEqual([
      '3 earlier entries left out',
      'model: reading',
      'calls: files__read {}',
      'error: no such file',
    ]);
  });
});

describe('what was decided again', () => {
  const counts = {
    agents: 1,
    events: 9,
    decisions: 4,
    requests: { checked: 1, unchecked: 2 },
    answers: { checked: 3, unchecked: 0 },
  };

  it('is the same, with what was compared and what was not', () => {
    expect(renderVerification(counts, canvas)).toEqual([
      'same 1 agents, 9 events, 4 decisions; requests 1 compared, 2 not, answers 3 the same',
    ]);
  });

  it('is shown beside what the log holds where they part', () => {
    const divergence = {
      agentId,
      revision: 4,
      type: 'ModelCallStarted',
      reason: 'its data differs',
      recorded: { type: 'ModelCallStarted', data: { callId: 'm1' } },
      suspects: [2, 3],
    };
    expect(renderVerification({ ...counts, divergence }, canvas).slice(1)).toEqual([
      `agent    ${agentId}`,
      'event    4 ModelCallStarted: its data differs',
      'recorded {"callId":"m1"}',
      'expected nothing',
      'altered  perhaps one of the events 2, 3',
    ]);
  });
});
