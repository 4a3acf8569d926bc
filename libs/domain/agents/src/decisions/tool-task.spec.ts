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
const doubted = (reason: string): AgentEvent => ({
  type: 'ToolCallInDoubt',
  data: { toolCallId, reason },
});
const parked: AgentEvent = { type: 'AgentParked', data: { waitingFor: 'input' } };
const released: AgentEvent = { type: 'ToolCallReleased', data: { toolCallId } };
const hasTask: AgentEvent = { type: 'ToolTaskStarted', data: { toolCallId, taskId: 't1' } };

const task = (attempt = 1, epoch = 1) =>
  aCommand('RecordToolTask', { epoch, toolCallId, attempt, taskId: 't1' });
const unknown = (epoch: number, attempt: number) =>
  aCommand('RecordToolOutcome', {
    ...{ epoch, toolCallId, attempt, context: { ...context, recoveries: {} } },
    outcome: { kind: 'unknown', reason: 'no answer' },
  });

describe('a call that its server goes on with as a task', () => {
  it('has the id of the task in the log, once', () => {
    given(...callingTool('ask'))
      .when(task())
      .then(hasTask);
    given(...callingTool('ask'), hasTask)
      .when(task())
      .then();
  });

  it('has none of a try that is over, nor of a run that is', () => {
    given(...callingTool('ask'))
      .when(task(2))
      .then();
    given(...callingTool('ask'), secondRun)
      .when(task())
      .rejects('RUN_SUPERSEDED');
  });

  it.each(['ask', 'retry', 'fail'] as const)(
    'is asked for again by the next worker, whatever becomes of other calls: %s',
    (recovery) => {
      given(...callingTool(recovery), hasTask)
        .when(takenOver())
        .then(secondRun, toolCallStarted(recovery, 2));
    },
  );

  it('is asked for by as many workers as it takes', () => {
    given(
      ...callingTool('ask'),
      hasTask,
      toolCallStarted('ask', 2),
      toolCallStarted('ask', 3),
      toolCallStarted('ask', 4),
    )
      .when(takenOver())
      .then(secondRun, toolCallStarted('ask', 5));
  });

  it('is in doubt where nobody can say what became of it, and made anew if a person says so', () => {
    given(...callingTool('ask'), hasTask)
      .when(unknown(1, 1))
      .then(doubted('no answer'), parked);
    given(...callingTool('ask'), hasTask, doubted('no answer'), released, toolCallStarted('ask', 2))
      .when(takenOver())
      .then(secondRun, doubted('the call broke off'), parked);
  });
});
