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

const toolCallId = 'm1_0';
const held = { inputTokens: 100, outputTokens: 1_000, costMicroUsd: 2_100 };
const usage = { inputTokens: 10, outputTokens: 5, costMicroUsd: 20 };
const toolCalls = [{ id: toolCallId, name: 'files__write', arguments: '{}' }];
const context = { promptBytes: 100, promptHash: 'prompt', recoveries: { files__write: 'retry' } };
const request = {
  key: 'a',
  question: 'Which?',
  fields: [{ name: 'x', kind: 'text' as const, isRequired: true }],
};

const started = (recovery: 'retry' | 'ask', attempt = 1): AgentEvent => ({
  type: 'ToolCallStarted',
  data: { toolCallId, attempt, recovery },
});
const required = (isOpen: boolean): AgentEvent => ({
  type: 'ToolInputRequired',
  data: { toolCallId, requests: [request], state: 'kept', isOpen },
});
const asked: AgentEvent = { type: 'QuestionAsked', data: { toolCallId, question: 'Which?' } };
const answered: AgentEvent = {
  type: 'ToolInputGiven',
  data: { toolCallId, key: 'a', action: 'accept', content: { x: 'y' } },
};
const parked: AgentEvent = { type: 'AgentParked', data: { waitingFor: 'input' } };
const woken: AgentEvent = { type: 'AgentWoken', data: { reason: 'input' } };
const doubted: AgentEvent = {
  type: 'ToolCallInDoubt',
  data: { toolCallId, reason: 'the call broke off' },
};

/** The call of a running agent. */
const calling = (recovery: 'retry' | 'ask'): AgentEvent[] => [
  agentSpawned(),
  agentAdmitted(),
  runStarted({ epoch: 1 }),
  {
    type: 'ModelCallStarted',
    data: {
      ...{ callId: 'm1', attempt: 1, model: 'scripted:echo', maxTokens: 1_000 },
      ...{ windDown: false, held, requestHash: 'hash' },
    },
  },
  {
    type: 'ModelCallSettled',
    data: { callId: 'm1', usage, outcome: { kind: 'answered', text: '', toolCalls } },
  },
  started(recovery),
];

const takenOver = (dispatchId = 1) =>
  aCommand('StartRun', {
    ...{ dispatchId, workerId: 'worker-2', lostWorkerId: 'worker-1' },
    ...{ offered: null, rules: 0, keepsSlot: false, context: { ...context, recoveries: {} } },
  });
const answer = (text: string) =>
  aCommand('AnswerAgent', { toolCallId, answer: { decision: 'happened', text } });
const asks = (attempt = 1) =>
  aCommand('RecordToolOutcome', {
    ...{ epoch: 1, toolCallId, attempt, context: { ...context, recoveries: {} } },
    outcome: { kind: 'asks', requests: [request], state: 'kept' },
  });
const second: AgentEvent = {
  type: 'RunStarted',
  data: {
    ...{ epoch: 2, workerId: 'worker-2', dispatchId: 1, offered: null, rules: 0 },
    keepsSlot: false,
  },
};

describe('a call whose server has ended it with a question', () => {
  it('has the agent parked with nothing under way', () => {
    given(...calling('ask'))
      .when(asks())
      .then(required(false), asked, parked);
  });

  it('is settled without a question where the agent has ended meanwhile', () => {
    given(...calling('ask'), { type: 'AgentTerminated', data: { reason: 'enough' } })
      .when(asks())
      .then({
        type: 'ToolCallSettled',
        data: {
          toolCallId,
          content: 'NOT_DONE: the server asks for input first, and the agent has ended.',
          isError: true,
        },
      });
  });

  it('has the agent go on once it is answered', () => {
    given(...calling('ask'), required(false), asked, parked)
      .when(answer('y'))
      .then(answered, woken);
  });

  it('takes an answer that comes again for none to its next question', () => {
    const both: AgentEvent = {
      type: 'ToolInputRequired',
      data: { toolCallId, requests: [request, { ...request, key: 'b' }], isOpen: false },
    };
    const byCommand = { ...answered, causationId: answer('y').id };
    given(...calling('ask'), both, asked, parked, byCommand, asked)
      .when(answer('y'))
      .changesNothing();
    given(...calling('ask'), required(false), asked, parked, byCommand, woken)
      .when(answer('y'))
      .changesNothing();
  });

  it('is not answered twice', () => {
    given(...calling('ask'), required(false), asked, parked, answered, woken)
      .when(answer('z'))
      .rejects('INVALID_ARGUMENTS');
  });
});

describe('a call whose server asks while it is open', () => {
  const open = [required(true), asked];

  it('goes on with the answer, in its run', () => {
    given(...calling('ask'), ...open)
      .when(answer('y'))
      .then(answered);
  });

  it('is in doubt when its worker is lost, and the question is gone', () => {
    given(...calling('ask'), ...open)
      .when(takenOver())
      .then(second, doubted, parked);
    const retry = aCommand('AnswerAgent', { toolCallId, answer: { decision: 'retry' } });
    const released: AgentEvent = { type: 'ToolCallReleased', data: { toolCallId } };
    const inDoubt = [...calling('ask'), ...open, second, doubted, parked];
    given(...inDoubt)
      .when(retry)
      .then(released, woken);
    given(...inDoubt, { ...released, causationId: retry.id }, doubted)
      .when(retry)
      .changesNothing();
  });

  it('is made again when its worker is lost, where that does no harm', () => {
    given(...calling('retry'), ...open)
      .when(takenOver())
      .then(second, started('retry', 2));
  });

  it('asks nothing more once a later try is under way', () => {
    given(...calling('retry'), started('retry', 2))
      .when(aCommand('AskDuringCall', { epoch: 1, toolCallId, attempt: 1, request }))
      .changesNothing();
  });
});

describe('a question that its server withdraws', () => {
  const withdraws = (more: object = {}) =>
    aCommand('WithdrawQuestion', { epoch: 1, toolCallId, attempt: 1, key: 'a', ...more });
  const cancelled: AgentEvent = {
    type: 'ToolInputGiven',
    data: { toolCallId, key: 'a', action: 'cancel' },
  };

  it('is cancelled, and nobody can answer it any more', () => {
    given(...calling('ask'), required(true), asked)
      .when(withdraws())
      .then(cancelled);
    given(...calling('ask'), required(true), asked, cancelled)
      .when(answer('y'))
      .rejects('INVALID_ARGUMENTS');
  });

  it('stays as it is where it is another one, was answered, or its run is over', () => {
    given(...calling('ask'), required(true), asked)
      .when(withdraws({ key: 'b' }))
      .changesNothing();
    given(...calling('ask'), required(true), asked, answered)
      .when(withdraws())
      .changesNothing();
    given(...calling('ask'), required(true), asked, second, started('ask', 2))
      .when(withdraws())
      .changesNothing();
    given(...calling('ask'), required(false), asked, parked)
      .when(withdraws())
      .changesNothing();
  });
});

describe('a run that has been taken over', () => {
  it('shows no progress of its calls any more', () => {
    given(...calling('ask'), second)
      .when(aCommand('ReportToolProgress', { epoch: 1, message: 'files__write: half' }))
      .changesNothing();
  });
});
