import { describe, expect, it } from '@jest/globals';
import { aCommand, agentAdmitted, agentSpawned, anAgentId, runStarted } from '@skynet/testing';
import type { AgentEvent } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import type { RequestedCall } from '../agent/agent-command.js';
import { agentDecider } from './agent.decider.js';

const decider = agentDecider(() => 'hash');
const asked: AgentEvent = {
  type: 'ModelCallStarted',
  data: {
    ...{ callId: 'm1', attempt: 1, model: 'scripted:echo', maxTokens: 1_000, windDown: false },
    ...{ held: { inputTokens: 100, outputTokens: 1_000, costMicroUsd: 100 }, requestHash: 'hash' },
  },
};
const call = { id: 'm1_0', name: 'x', arguments: '{}' };

function eventsAfter(request: RequestedCall) {
  const history = [agentSpawned(), agentAdmitted(), runStarted(), asked];
  const state = history.reduce(decider.evolve, decider.initialState);
  const decision = decider.decide(
    aCommand('RecordModelOutcome', {
      ...{ epoch: 1, callId: 'm1' },
      usage: { inputTokens: 10, outputTokens: 5, costMicroUsd: 20 },
      outcome: { kind: 'answered', text: '', calls: [request] },
      context: { promptBytes: 100, promptHash: 'prompt', recoveries: {} },
    }),
    state,
  );
  if (isRefused(decision)) throw new Error(decision.refused.message);
  return decision.events;
}

describe('a message to a topic', () => {
  const told = (count: number) => {
    const others = Array.from({ length: count }, (_, at) => anAgentId(100 + at));
    const wide = { to: 'topic:news', others, text: 'x', interrupts: false } as const;
    const events = eventsAfter({ kind: 'message', call, ...wide });
    return events.find(({ type }) => type === 'MessageSent')?.data;
  };

  it('is for 128 agents at most, and says what it was sent to', () => {
    expect(told(129)).toBeUndefined();
    expect(told(128)).toMatchObject({ sentTo: 'topic:news' });
    expect(told(0)).toBeUndefined();
  });
});
