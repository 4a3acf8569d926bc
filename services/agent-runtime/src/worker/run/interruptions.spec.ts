import { describe, expect, it } from '@jest/globals';
import type { AgentEvent } from '@skynet/contracts';
import { isSpawned, type SpawnedAgent } from '@skynet/domain-agents';
import { fold } from '@skynet/kernel';
import { agentAdmitted, agentSpawned, runStarted } from '@skynet/testing';
import { agentStreamModel } from '../../owner/agent-stream.js';
import { Interruptions } from './interruptions.js';

const asked = (callId: string, windDown = false): AgentEvent => ({
  type: 'ModelCallStarted',
  data: {
    callId,
    attempt: 1,
    model: 'scripted:echo',
    maxTokens: 10,
    windDown,
    held: { inputTokens: 1, outputTokens: 1, costMicroUsd: 0 },
    requestHash: 'hash',
  },
});
const message = (interrupts: boolean): AgentEvent => ({
  type: 'MessageReceived',
  data: { messageId: 'm', from: { kind: 'client', principal: 'bob' }, text: 'x', interrupts },
});

function agent(...events: readonly AgentEvent[]): SpawnedAgent {
  const begun = [agentSpawned(), agentAdmitted(), runStarted()];
  const state = fold(agentStreamModel.decider, [...begun, ...events]);
  if (!isSpawned(state)) throw new Error('no agent');
  return state;
}

describe('a model call', () => {
  it('is cut off by a message that came after it began, also before anybody here knew of the call', () => {
    const [late, early] = [new Interruptions(), new Interruptions()];
    const signal = late.signalFor(agent(asked('m1')));
    expect(signal.aborted).toBe(false);
    late.at(4);
    expect(signal.aborted).toBe(true);
    early.at(4);
    expect(early.signalFor(agent(asked('m1'))).aborted).toBe(true);
  });

  it('is not cut off by one that it carries, though that is told late or again', () => {
    const interruptions = new Interruptions();
    interruptions.at(3);
    const signal = interruptions.signalFor(agent(message(true), asked('m1')));
    interruptions.at(3);
    expect(signal.aborted).toBe(false);
  });

  it('is cut off where the log shows such a message and no signal came', () => {
    const before = agent(asked('m1'));
    const signalBy = (known: SpawnedAgent) => new Interruptions().signalFor(before, known).aborted;
    expect(signalBy(agent(asked('m1'), message(true)))).toBe(true);
    expect(signalBy(agent(asked('m1'), message(false)))).toBe(false);
    expect(signalBy(agent(asked('m1'), asked('m2'), message(true)))).toBe(false);
  });

  it('is let be when it is the last word', () => {
    const interruptions = new Interruptions();
    const signal = interruptions.signalFor(agent(asked('m1', true)));
    interruptions.at(4);
    expect(signal.aborted).toBe(false);
  });
});
