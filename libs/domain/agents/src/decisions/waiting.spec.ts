import { describe, it } from '@jest/globals';
import type { AgentEvent } from '@skynet/contracts';
import {
  aCommand,
  agentAdmitted,
  agentSpawned,
  anAgentId,
  BUILT_AT_MS,
  childEnded,
  childReserved,
  runStarted,
  someLimits,
  specifications,
  withoutCause,
} from '@skynet/testing';
import { agentDecider } from './agent.decider.js';

const { given } = specifications(
  agentDecider(() => 'hash'),
  withoutCause,
);

const [first, second] = [anAgentId(2), anAgentId(3)];
const few = someLimits({ tokens: 10, costMicroUsd: 1, descendants: 0 });
const paused: AgentEvent = { type: 'AgentPaused', data: {} };
const completed: AgentEvent = { type: 'AgentCompleted', data: { output: 'done' } };

const waiting = (mode: 'all' | 'any', deadlineMs?: number): AgentEvent[] => [
  agentSpawned(),
  agentAdmitted(),
  runStarted(),
  childReserved(first, { limits: few }),
  childReserved(second, { limits: few }),
  {
    type: 'AwaitStarted',
    data: {
      toolCallId: 'm1_0',
      childIds: [first, second],
      mode,
      needed: mode === 'all' ? 2 : 1,
      deadlineMs,
    },
  },
  { type: 'AgentParked', data: { waitingFor: 'children' } },
];
const met: AgentEvent[] = [
  { type: 'AwaitEnded', data: { toolCallId: 'm1_0', reason: 'met' } },
  { type: 'AgentWoken', data: { reason: 'children' } },
];
const end = (childId: typeof first) => aCommand('RecordChildEnded', childEnded(childId).data);

describe('an agent that waits for its children', () => {
  it('sleeps on when not enough have ended', () => {
    given(...waiting('all'))
      .when(end(first))
      .then(childEnded(first));
  });

  it('is woken in the commit that records the last end it needs', () => {
    given(...waiting('any'))
      .when(end(first))
      .then(childEnded(first), ...met);
    given(...waiting('all'), childEnded(first))
      .when(end(second))
      .then(childEnded(second), ...met);
  });

  it('hears of each end once, and of no strangers', () => {
    given(...waiting('all'), childEnded(first))
      .when(end(first))
      .changesNothing();
    given(...waiting('all'))
      .when(end(anAgentId(9)))
      .changesNothing();
  });

  it('is woken at its deadline with what there is', () => {
    const endAwait = (nowMs: number) => aCommand('EndAwait', { toolCallId: 'm1_0' }, { nowMs });
    const { when } = given(...waiting('all', BUILT_AT_MS + 10));
    when(endAwait(BUILT_AT_MS + 9)).changesNothing();
    when(endAwait(BUILT_AT_MS + 10)).then(
      { type: 'AwaitEnded', data: { toolCallId: 'm1_0', reason: 'deadline' } },
      { type: 'AgentWoken', data: { reason: 'timer' } },
    );
  });

  it('has no deadline unless it named one', () => {
    given(...waiting('all'))
      .when(aCommand('EndAwait', { toolCallId: 'm1_0' }))
      .changesNothing();
  });

  it('is woken while paused, and stays in the queue', () => {
    given(...waiting('any'), paused)
      .when(end(first))
      .then(childEnded(first), ...met);
  });
});

describe('an agent that has ended', () => {
  it('still settles the limits of its children, and does nothing else', () => {
    given(...waiting('any'), { type: 'AgentTerminated', data: { reason: 'enough' } })
      .when(end(first))
      .then(childEnded(first));
  });

  it('can be neither paused, resumed nor answered', () => {
    const { when } = given(agentSpawned(), completed);
    when(aCommand('PauseAgent', {})).rejects('AGENT_ALREADY_ENDED');
    when(aCommand('ResumeAgent', {})).rejects('AGENT_ALREADY_ENDED');
    when(aCommand('AnswerAgent', { toolCallId: 'm1_0', answer: { decision: 'retry' } })).rejects(
      'AGENT_ALREADY_ENDED',
    );
  });

  it('is not ended again', () => {
    const { when } = given(agentSpawned(), completed);
    when(aCommand('TerminateAgent', { reason: 'late', reserved: false })).changesNothing();
    when(aCommand('ExpireAgent', {}, { nowMs: Number.MAX_SAFE_INTEGER })).changesNothing();
  });
});

describe('pausing', () => {
  it('is a flag beside the state, and repeats do nothing', () => {
    given(agentSpawned()).when(aCommand('PauseAgent', {})).then(paused);
    given(agentSpawned(), paused)
      .when(aCommand('PauseAgent', {}, { id: 'again' }))
      .changesNothing();
  });

  it('ends with resuming, which needs a paused agent', () => {
    given(agentSpawned(), paused)
      .when(aCommand('ResumeAgent', {}))
      .then({ type: 'AgentResumed', data: {} });
    given(agentSpawned()).when(aCommand('ResumeAgent', {})).rejects('AGENT_NOT_PAUSED');
  });

  it('is not done again by a repeat of the same command after a resumption', () => {
    given(
      agentSpawned(),
      { ...paused, causationId: 'command-PauseAgent' },
      {
        type: 'AgentResumed',
        data: {},
        causationId: 'other',
      },
    )
      .when(aCommand('PauseAgent', {}))
      .changesNothing();
  });

  it('needs an agent', () => {
    given().when(aCommand('PauseAgent', {})).rejects('AGENT_NOT_FOUND');
  });
});

describe('terminating', () => {
  it('ends an agent at once, whatever it does', () => {
    given(...waiting('all'))
      .when(aCommand('TerminateAgent', { reason: 'enough', reserved: false }))
      .then({ type: 'AgentTerminated', data: { reason: 'enough' } });
  });

  it('sets a tombstone for a reserved agent that was not spawned yet', () => {
    given()
      .when(aCommand('TerminateAgent', { reason: 'parent ended', reserved: true }))
      .then({ type: 'AgentRefused', data: { reason: 'parent ended' } });
  });

  it('needs an agent when nothing was reserved', () => {
    given()
      .when(aCommand('TerminateAgent', { reason: 'enough', reserved: false }))
      .rejects('AGENT_NOT_FOUND');
  });
});

describe('the time limit', () => {
  it('ends an agent when it is over, not before', () => {
    const { deadlineMs } = someLimits();
    const { when } = given(agentSpawned());
    when(aCommand('ExpireAgent', {}, { nowMs: deadlineMs - 1 })).changesNothing();
    when(aCommand('ExpireAgent', {}, { nowMs: deadlineMs })).then({
      type: 'AgentExpired',
      data: {},
    });
  });
});

describe('an agent whose time was over before its run', () => {
  it('ends without a call to the model', () => {
    const late = someLimits({ deadlineMs: BUILT_AT_MS });
    const context = { promptBytes: 1, promptHash: 'prompt', recoveries: {} };
    const start = {
      dispatchId: 1,
      workerId: 'worker-1',
      offered: null,
      rules: 1,
      keepsSlot: false,
      context,
    };
    given(agentSpawned({ limits: late }), {
      type: 'AgentAdmitted',
      data: { slot: { kind: 'given' } },
    })
      .when(aCommand('StartRun', start))
      .then(runStarted(), { type: 'AgentExpired', data: {} });
  });
});

describe('a tool call in doubt', () => {
  const doubting: AgentEvent[] = [
    agentSpawned(),
    agentAdmitted(),
    runStarted(),
    {
      type: 'ModelCallSettled',
      data: {
        callId: 'm1',
        usage: { inputTokens: 1, outputTokens: 1, costMicroUsd: 0 },
        outcome: {
          kind: 'answered',
          text: '',
          toolCalls: [{ id: 'm1_0', name: 'mail__send', arguments: '{}' }],
        },
      },
    },
    { type: 'ToolCallInDoubt', data: { toolCallId: 'm1_0', reason: 'timed out' } },
    { type: 'AgentParked', data: { waitingFor: 'input' } },
  ];
  const woken: AgentEvent = { type: 'AgentWoken', data: { reason: 'input' } };

  it('is made again when the answer says so', () => {
    given(...doubting)
      .when(aCommand('AnswerAgent', { toolCallId: 'm1_0', answer: { decision: 'retry' } }))
      .then({ type: 'ToolCallReleased', data: { toolCallId: 'm1_0' } }, woken);
  });

  it.each([
    ['happened', false],
    ['failed', true],
  ] as const)('is settled when the answer is that it %s', (decision, isError) => {
    const answer = { decision, text: 'seen in the outbox' };
    given(...doubting)
      .when(aCommand('AnswerAgent', { toolCallId: 'm1_0', answer }))
      .then(
        {
          type: 'ToolCallSettled',
          data: { toolCallId: 'm1_0', content: 'seen in the outbox', isError },
        },
        woken,
      );
  });

  it('is decided by the first answer', () => {
    given(...doubting, { type: 'ToolCallReleased', data: { toolCallId: 'm1_0' } }, woken)
      .when(aCommand('AnswerAgent', { toolCallId: 'm1_0', answer: { decision: 'retry' } }))
      .rejects('INVALID_ARGUMENTS');
  });
});

describe('a question', () => {
  const asked = (fields: object = {}): AgentEvent[] => [
    agentSpawned(),
    agentAdmitted(),
    runStarted(),
    {
      type: 'ModelCallSettled',
      data: {
        callId: 'm1',
        usage: { inputTokens: 1, outputTokens: 1, costMicroUsd: 0 },
        outcome: {
          kind: 'answered',
          text: '',
          toolCalls: [{ id: 'm1_0', name: 'ask_human', arguments: '{}' }],
        },
      },
    },
    { type: 'QuestionAsked', data: { toolCallId: 'm1_0', question: 'Which?', ...fields } },
    { type: 'AgentParked', data: { waitingFor: 'input' } },
  ];
  const answered = (decision: 'happened' | 'failed', text: string) =>
    aCommand('AnswerAgent', { toolCallId: 'm1_0', answer: { decision, text } });
  const settled = (content: string, isError: boolean): AgentEvent => ({
    type: 'ToolCallSettled',
    data: { toolCallId: 'm1_0', content, isError },
  });
  const woken = (reason: 'input' | 'timer'): AgentEvent => ({
    type: 'AgentWoken',
    data: { reason },
  });

  it.each([
    ['happened', false],
    ['failed', true],
  ] as const)('is answered once: %s', (decision, isError) => {
    given(...asked())
      .when(answered(decision, 'the second'))
      .then(settled('the second', isError), woken('input'));
    given(...asked(), settled('the second', isError), woken('input'))
      .when(answered('happened', 'the first'))
      .rejects('INVALID_ARGUMENTS');
  });

  it('with choices is answered by one of them, or not at all', () => {
    const choices = asked({ choices: ['red', 'green'] });
    given(...choices)
      .when(answered('happened', 'green'))
      .then(settled('green', false), woken('input'));
    given(...choices)
      .when(answered('happened', 'blue'))
      .rejects('INVALID_ARGUMENTS');
    given(...choices)
      .when(answered('failed', 'neither'))
      .then(settled('neither', true), woken('input'));
  });

  it('is no call that could be made again', () => {
    given(...asked())
      .when(aCommand('AnswerAgent', { toolCallId: 'm1_0', answer: { decision: 'retry' } }))
      .rejects('INVALID_ARGUMENTS');
  });

  it('is over with its time, not before', () => {
    const deadlineMs = BUILT_AT_MS + 100;
    const end = (nowMs: number) => aCommand('EndAwait', { toolCallId: 'm1_0' }, { nowMs });
    given(...asked({ deadlineMs }))
      .when(end(deadlineMs - 1))
      .then();
    given(...asked({ deadlineMs }))
      .when(end(deadlineMs))
      .then(settled('NO_ANSWER: nobody has answered in time.', true), woken('timer'));
    given(...asked())
      .when(end(deadlineMs))
      .then();
  });
});
