import { describe, it } from '@jest/globals';
import type { AgentEvent } from '@skynet/contracts';
import {
  aCommand,
  callingTool,
  secondRun,
  specifications,
  takenOver,
  TOOL_CALL_ID as toolCallId,
  toolCallStarted,
  withoutCause,
} from '@skynet/testing';
import { agentDecider } from './agent.decider.js';

const { given } = specifications(
  agentDecider(() => 'hash'),
  withoutCause,
);

const context = { promptBytes: 100, promptHash: 'prompt', recoveries: { files__write: 'retry' } };
const request = {
  key: 'a',
  question: 'Which?',
  fields: [{ name: 'x', kind: 'text' as const, isRequired: true }],
};

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

const answer = (text: string) =>
  aCommand('AnswerAgent', { toolCallId, answer: { decision: 'happened', text } });
const asks = (attempt = 1) =>
  aCommand('RecordToolOutcome', {
    ...{ epoch: 1, toolCallId, attempt, context: { ...context, recoveries: {} } },
    outcome: { kind: 'asks', requests: [request], state: 'kept' },
  });

describe('a call whose server has ended it with a question', () => {
  it('has the agent parked with nothing under way', () => {
    given(...callingTool('ask'))
      .when(asks())
      .then(required(false), asked, parked);
  });

  it('is settled without a question where the agent has ended meanwhile', () => {
    given(...callingTool('ask'), { type: 'AgentTerminated', data: { reason: 'enough' } })
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
    given(...callingTool('ask'), required(false), asked, parked)
      .when(answer('y'))
      .then(answered, woken);
  });

  it('takes an answer that comes again for none to its next question', () => {
    const both: AgentEvent = {
      type: 'ToolInputRequired',
      data: { toolCallId, requests: [request, { ...request, key: 'b' }], isOpen: false },
    };
    const byCommand = { ...answered, causationId: answer('y').id };
    given(...callingTool('ask'), both, asked, parked, byCommand, asked)
      .when(answer('y'))
      .changesNothing();
    given(...callingTool('ask'), required(false), asked, parked, byCommand, woken)
      .when(answer('y'))
      .changesNothing();
  });

  it('is not answered twice', () => {
    given(...callingTool('ask'), required(false), asked, parked, answered, woken)
      .when(answer('z'))
      .rejects('INVALID_ARGUMENTS');
  });
});

describe('a call whose server asks while it is open', () => {
  const open = [required(true), asked];

  it('goes on with the answer, in its run', () => {
    given(...callingTool('ask'), ...open)
      .when(answer('y'))
      .then(answered);
  });

  it('is in doubt when its worker is lost, and the question is gone', () => {
    given(...callingTool('ask'), ...open)
      .when(takenOver())
      .then(secondRun, doubted, parked);
    const retry = aCommand('AnswerAgent', { toolCallId, answer: { decision: 'retry' } });
    const released: AgentEvent = { type: 'ToolCallReleased', data: { toolCallId } };
    const inDoubt = [...callingTool('ask'), ...open, secondRun, doubted, parked];
    given(...inDoubt)
      .when(retry)
      .then(released, woken);
    given(...inDoubt, { ...released, causationId: retry.id }, doubted)
      .when(retry)
      .changesNothing();
  });

  it('is made again when its worker is lost, where that does no harm', () => {
    given(...callingTool('retry'), ...open)
      .when(takenOver())
      .then(secondRun, toolCallStarted('retry', 2));
  });

  it('asks nothing more once a later try is under way', () => {
    given(...callingTool('retry'), toolCallStarted('retry', 2))
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
    given(...callingTool('ask'), required(true), asked)
      .when(withdraws())
      .then(cancelled);
    given(...callingTool('ask'), required(true), asked, cancelled)
      .when(answer('y'))
      .rejects('INVALID_ARGUMENTS');
  });

  it('stays as it is where it is another one, was answered, or its run is over', () => {
    given(...callingTool('ask'), required(true), asked)
      .when(withdraws({ key: 'b' }))
      .changesNothing();
    given(...callingTool('ask'), required(true), asked, answered)
      .when(withdraws())
      .changesNothing();
    given(...callingTool('ask'), required(true), asked, secondRun, toolCallStarted('ask', 2))
      .when(withdraws())
      .changesNothing();
    given(...callingTool('ask'), required(false), asked, parked)
      .when(withdraws())
      .changesNothing();
  });
});

describe('a run that has been taken over', () => {
  it('shows no progress of its calls any more', () => {
    given(...callingTool('ask'), secondRun)
      .when(aCommand('ReportToolProgress', { epoch: 1, message: 'files__write: half' }))
      .changesNothing();
  });
});
