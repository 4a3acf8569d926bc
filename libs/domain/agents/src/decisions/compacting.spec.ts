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

const { given } = specifications(
  agentDecider(() => 'hash'),
  withoutCause,
);

const usage = { inputTokens: 10, outputTokens: 5, costMicroUsd: 20 };
const context = {
  promptBytes: 100,
  promptHash: 'prompt',
  contextTokens: 10_000,
  recoveries: { act: 'retry' },
} as const;

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

const acts = (callId: string): AgentEvent[] => {
  const toolCalls = [{ id: `${callId}_0`, name: 'act', arguments: '{}' }];
  return [
    {
      type: 'ModelCallSettled',
      data: { callId, usage, outcome: { kind: 'answered', text: 'acting', toolCalls } },
    },
    {
      type: 'ToolCallStarted',
      data: { toolCallId: `${callId}_0`, attempt: 1, recovery: 'retry' },
    },
  ];
};
const acted = (callId: string, content: string): AgentEvent => ({
  type: 'ToolCallSettled',
  data: { toolCallId: `${callId}_0`, content, isError: false },
});

const outcome = (callId: string, content: string) =>
  aCommand('RecordToolOutcome', {
    epoch: 1,
    toolCallId: `${callId}_0`,
    attempt: 1,
    outcome: { kind: 'settled', content, isError: false },
    context,
  });

const running = [agentSpawned(), agentAdmitted(), runStarted({ rules: 1 }), asked('m1', 100)];
/** Of an answer with one call, and of the frame of a result. */
const ANSWER_BYTES = 64 + 'acting'.length + 64 + 'act'.length + '{}'.length;
const RESULT_BYTES = 64;
const large = 'x'.repeat(30_000);

describe('an agent with more to say than the window of its model holds', () => {
  it('says less, and holds no more than that takes', () => {
    const stub = '[result of act, 30000 bytes, left out to save room]';
    given(...running, ...acts('m1'))
      .when(outcome('m1', large))
      .then(
        acted('m1', large),
        {
          type: 'ConversationCompacted',
          data: { kind: 'results', entries: 2, contextTokens: 10_000 },
        },
        asked('m2', 100 + ANSWER_BYTES + RESULT_BYTES + stub.length),
      );
  });

  it('fails when what is left does not fit either', () => {
    const said = 'y'.repeat(50_000);
    const failure = {
      reason: 'CONTEXT_FULL',
      message: 'the request does not fit the context of scripted:echo',
      retryable: false,
    };
    const [, ...started] = acts('m1');
    const toolCalls = [{ id: 'm1_0', name: 'act', arguments: '{}' }];
    const talked: AgentEvent = {
      type: 'ModelCallSettled',
      data: {
        callId: 'm1',
        usage: { ...usage, outputTokens: 12_000 },
        outcome: { kind: 'answered', text: said, toolCalls },
      },
    };
    given(...running, talked, ...started)
      .when(outcome('m1', 'ok'))
      .then(acted('m1', 'ok'), { type: 'AgentFailed', data: { failure, partial: said } });
  });

  it('says all of it where nobody knows the window', () => {
    const { contextTokens: _, ...unknown } = context;
    const command = outcome('m1', large);
    given(...running, ...acts('m1'))
      .when({ ...command, data: { ...command.data, context: unknown } })
      .then(acted('m1', large), asked('m2', 100 + ANSWER_BYTES + RESULT_BYTES + large.length));
  });
});
