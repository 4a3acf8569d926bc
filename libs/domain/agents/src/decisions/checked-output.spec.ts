import { describe, it } from '@jest/globals';
import type { AgentEvent } from '@skynet/contracts';
import {
  aCommand,
  agentAdmitted,
  agentSpawned,
  runStarted,
  specifications,
  withoutCause,
} from '@skynet/testing';
import { agentDecider } from './agent.decider.js';
import type { CheckedOutput } from '../agent/agent-command.js';

const { given } = specifications(
  agentDecider(() => 'hash'),
  withoutCause,
);

const usage = { inputTokens: 10, outputTokens: 5, costMicroUsd: 20 };
const context = { promptBytes: 100, promptHash: 'prompt', recoveries: {} } as const;
const running = [agentSpawned(), agentAdmitted(), runStarted({ rules: 1 })];

const asked = (callId: string, bytes: number): AgentEvent => ({
  type: 'ModelCallStarted',
  data: {
    callId,
    attempt: 1,
    model: 'scripted:echo',
    maxTokens: 1_000,
    windDown: false,
    held: { inputTokens: bytes, outputTokens: 1_000, costMicroUsd: bytes + 2_000 },
    requestHash: 'hash',
  },
});

describe('an answer that was held against a schema', () => {
  const mistakes = '- it is no JSON';
  const checked = (callId: string, outcome: CheckedOutput) =>
    aCommand('RecordModelOutcome', {
      epoch: 1,
      callId,
      usage,
      outcome: { kind: 'answered', text: 'so: 42', calls: [], checked: outcome } as const,
      context,
    });
  const said = (callId: string): AgentEvent => ({
    type: 'ModelCallSettled',
    data: { callId, usage, outcome: { kind: 'answered', text: 'so: 42', toolCalls: [] } },
  });
  const rejected: AgentEvent = { type: 'OutputRejected', data: { mistakes } };
  const again = asked('m2', 353);

  it('ends the agent with the JSON in it', () => {
    given(...running, asked('m1', 100))
      .when(checked('m1', { kind: 'fits', output: '42' }))
      .then(said('m1'), { type: 'AgentCompleted', data: { output: '42' } });
  });

  it('is asked for once more when it does not fit, and the second ends the agent', () => {
    given(...running, asked('m1', 100))
      .when(checked('m1', { kind: 'misfits', mistakes }))
      .then(said('m1'), rejected, again);
    const failure = { reason: 'OUTPUT_INVALID', message: mistakes, retryable: true };
    given(...running, asked('m1', 100), said('m1'), rejected, again)
      .when(checked('m2', { kind: 'misfits', mistakes }))
      .then(said('m2'), rejected, {
        type: 'AgentFailed',
        data: { failure, partial: 'so: 42' },
      });
  });
});
