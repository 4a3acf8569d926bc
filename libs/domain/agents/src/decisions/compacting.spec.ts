import { describe, expect, it } from '@jest/globals';
import type { AgentEvent, AgentEventData } from '@skynet/contracts';
import {
  aCommand,
  agentAdmitted,
  agentSpawned,
  runStarted,
  someLimits,
  specifications,
  withoutCause,
} from '@skynet/testing';
import type { ModelOutcome } from '../agent/agent-command.js';
import { SUMMARY_REQUEST_BYTES } from '../compaction/request-size.js';
import { isSpawned } from '../agent/agent-state.js';
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

describe('an agent that has said more than the window of its model holds', () => {
  const said = 'y'.repeat(12_000);
  const talkUsage = { inputTokens: 4_000, outputTokens: 4_000, costMicroUsd: 20 };
  const talks = (count: number): AgentEvent[] => {
    const [, ...started] = acts(`m${count}`);
    const toolCalls = [{ id: `m${count}_0`, name: 'act', arguments: '{}' }];
    const outcome = { kind: 'answered', text: said, toolCalls } as const;
    const data = { callId: `m${count}`, usage: talkUsage, outcome };
    return [{ type: 'ModelCallSettled', data }, ...started];
  };
  const turnBytes = ANSWER_BYTES - 'acting'.length + said.length + RESULT_BYTES + 'ok'.length;
  const before = (limits = someLimits()): AgentEvent[] => [
    ...[agentSpawned({ limits }), agentAdmitted(), runStarted({ rules: 1 }), asked('m1', 100)],
    ...[...talks(1), acted('m1', 'ok'), asked('m2', 100 + turnBytes), ...talks(2)],
  ];
  const bytes = 100 + 2 * turnBytes;
  const summaryAsked: AgentEvent = {
    type: 'ModelCallStarted',
    data: {
      ...(asked('m3', bytes + SUMMARY_REQUEST_BYTES).data as AgentEventData<'ModelCallStarted'>),
      ...{ purpose: 'compaction', contextTokens: 10_000 },
    },
  };
  const asking = [...before(), acted('m2', 'ok'), summaryAsked];
  const settles = (outcome: ModelOutcome) =>
    aCommand('RecordModelOutcome', { epoch: 1, callId: 'm3', usage, outcome, context });
  const written = { kind: 'answered', text: 'short', calls: [], summary: 'so far: short' } as const;
  const settled: AgentEvent = {
    type: 'ModelCallSettled',
    data: { callId: 'm3', usage, outcome: { kind: 'answered', text: 'short', toolCalls: [] } },
  };

  it('asks for a summary, and holds what that takes', () => {
    given(...before())
      .when(outcome('m2', 'ok'))
      .then(acted('m2', 'ok'), summaryAsked);
  });

  it('goes on with it in the place of all but the last turns', () => {
    const summary = 'so far: short';
    given(...asking)
      .when(settles(written))
      .then(
        settled,
        {
          type: 'ConversationCompacted',
          data: { kind: 'summary', entries: 2, contextTokens: 10_000, text: summary },
        },
        asked('m4', 100 + turnBytes + 64 + summary.length),
      );
  });

  it('takes no calls with it', () => {
    const call = { id: 'm3_0', name: 'act', arguments: '{}' };
    given(...asking)
      .when(settles({ ...written, calls: [{ kind: 'external', call }] }))
      .thenState((state) => expect(isSpawned(state) && state.toolCalls.size).toBe(0));
  });

  it('fails when there is none for good', () => {
    const failure = { reason: 'MODEL_FAILED', message: 'no credit', retryable: false };
    const failed = { kind: 'failed', message: 'no credit', retryable: false } as const;
    given(...asking)
      .when(settles({ ...failed, final: false }))
      .then(
        { type: 'ModelCallSettled', data: { callId: 'm3', usage, outcome: failed } },
        { type: 'AgentFailed', data: { failure, partial: said } },
      );
  });

  it('asks again in its next run when the worker is lost', () => {
    const { held } = summaryAsked.data;
    const run = { workerId: 'worker-2', offered: null, rules: 1, keepsSlot: false };
    given(...asking)
      .when(aCommand('StartRun', { dispatchId: 1, lostWorkerId: 'worker-1', ...run, context }))
      .then(
        runStarted({ epoch: 2, ...run }),
        {
          type: 'ModelCallSettled',
          data: { callId: 'm3', usage: held, outcome: { kind: 'lost' } },
        },
        { ...summaryAsked, data: { ...summaryAsked.data, callId: 'm4' } },
      );
  });

  it.each([
    ['goes on as it is', 1_000, false],
    ['winds down', 100, true],
  ])('%s when it can pay for no summary', (_, room, windDown) => {
    const used = 2 * (talkUsage.inputTokens + talkUsage.outputTokens);
    const held = { inputTokens: bytes, outputTokens: room, costMicroUsd: bytes + 2 * room };
    const call = asked('m3', bytes).data as AgentEventData<'ModelCallStarted'>;
    given(...before(someLimits({ tokens: bytes + used + room })))
      .when(outcome('m2', 'ok'))
      .then(acted('m2', 'ok'), {
        type: 'ModelCallStarted',
        data: { ...call, maxTokens: room, held, windDown },
      });
  });
});
