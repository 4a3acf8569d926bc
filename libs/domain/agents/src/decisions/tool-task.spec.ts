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

type Recovery = 'retry' | 'ask' | 'fail';

const toolCallId = 'm1_0';
const held = { inputTokens: 100, outputTokens: 1_000, costMicroUsd: 2_100 };
const usage = { inputTokens: 10, outputTokens: 5, costMicroUsd: 20 };
const toolCalls = [{ id: toolCallId, name: 'files__write', arguments: '{}' }];
const context = { promptBytes: 100, promptHash: 'prompt', recoveries: { files__write: 'retry' } };
const started = (recovery: Recovery, attempt = 1): AgentEvent => ({
  type: 'ToolCallStarted',
  data: { toolCallId, attempt, recovery },
});
const doubted = (reason: string): AgentEvent => ({
  type: 'ToolCallInDoubt',
  data: { toolCallId, reason },
});
const parked: AgentEvent = { type: 'AgentParked', data: { waitingFor: 'input' } };
const released: AgentEvent = { type: 'ToolCallReleased', data: { toolCallId } };
const hasTask: AgentEvent = { type: 'ToolTaskStarted', data: { toolCallId, taskId: 't1' } };

/** The call of a running agent. */
const calling = (recovery: Recovery): AgentEvent[] => [
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
const task = (attempt = 1, epoch = 1) =>
  aCommand('RecordToolTask', { epoch, toolCallId, attempt, taskId: 't1' });
const unknown = (epoch: number, attempt: number) =>
  aCommand('RecordToolOutcome', {
    ...{ epoch, toolCallId, attempt, context: { ...context, recoveries: {} } },
    outcome: { kind: 'unknown', reason: 'no answer' },
  });
const second: AgentEvent = {
  type: 'RunStarted',
  data: {
    ...{ epoch: 2, workerId: 'worker-2', dispatchId: 1, offered: null, rules: 0 },
    keepsSlot: false,
  },
};

describe('a call that its server goes on with as a task', () => {
  it('has the id of the task in the log, once', () => {
    given(...calling('ask'))
      .when(task())
      .then(hasTask);
    given(...calling('ask'), hasTask)
      .when(task())
      .then();
  });

  it('has none of a try that is over, nor of a run that is', () => {
    given(...calling('ask'))
      .when(task(2))
      .then();
    given(...calling('ask'), second)
      .when(task())
      .rejects('RUN_SUPERSEDED');
  });

  it.each(['ask', 'retry', 'fail'] as const)(
    'is asked for again by the next worker, whatever becomes of other calls: %s',
    (recovery) => {
      given(...calling(recovery), hasTask)
        .when(takenOver())
        .then(second, started(recovery, 2));
    },
  );

  it('is asked for by as many workers as it takes', () => {
    given(...calling('ask'), hasTask, started('ask', 2), started('ask', 3), started('ask', 4))
      .when(takenOver())
      .then(second, started('ask', 5));
  });

  it('is in doubt where nobody can say what became of it, and made anew if a person says so', () => {
    given(...calling('ask'), hasTask)
      .when(unknown(1, 1))
      .then(doubted('no answer'), parked);
    given(...calling('ask'), hasTask, doubted('no answer'), released, started('ask', 2))
      .when(takenOver())
      .then(second, doubted('the call broke off'), parked);
  });
});
