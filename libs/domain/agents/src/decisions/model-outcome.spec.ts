import { describe, it } from '@jest/globals';
import type { AgentEvent, AgentEventData } from '@skynet/contracts';
import {
  aCommand,
  agentAdmitted,
  agentSpawned,
  anAgentId,
  aSpec,
  childEnded,
  childReserved,
  runStarted,
  someLimits,
  specifications,
  withoutCause,
} from '@skynet/testing';
import { agentDecider } from './agent.decider.js';
import type { RequestedCall } from '../agent/agent-command.js';

const { given } = specifications(
  agentDecider(() => 'hash'),
  withoutCause,
);

const context = {
  promptBytes: 100,
  promptHash: 'prompt',
  recoveries: { files__read: 'retry', files__write: 'ask' },
} as const;
const usage = { inputTokens: 10, outputTokens: 5, costMicroUsd: 20 };
const child = anAgentId(2);

const asked = (fields: Partial<AgentEventData<'ModelCallStarted'>> = {}): AgentEvent => ({
  type: 'ModelCallStarted',
  data: {
    callId: 'm1',
    attempt: 1,
    model: 'scripted:echo',
    maxTokens: 1_000,
    windDown: false,
    held: { inputTokens: 100, outputTokens: 1_000, costMicroUsd: 2_100 },
    requestHash: 'hash',
    ...fields,
  },
});
const running = (spawned = agentSpawned(), rules = 1): AgentEvent[] => [
  spawned,
  agentAdmitted(),
  runStarted({ rules }),
];

const call = (name: string, index = 0) => ({ id: `m1_${index}`, name, arguments: '{}' });
const answer = (text: string, ...calls: RequestedCall[]) =>
  aCommand('RecordModelOutcome', {
    epoch: 1,
    callId: 'm1',
    usage,
    outcome: { kind: 'answered', text, calls } as const,
    context,
  });
const settled = (text: string, ...calls: RequestedCall[]): AgentEvent => ({
  type: 'ModelCallSettled',
  data: {
    callId: 'm1',
    usage,
    outcome: { kind: 'answered', text, toolCalls: calls.map((one) => one.call) },
  },
});
const told = (toolCallId: string, content: string, isError = false): AgentEvent => ({
  type: 'ToolCallSettled',
  data: { toolCallId, content, isError },
});

describe('a model that answers without tool calls', () => {
  it('completes the agent', () => {
    given(...running(), asked())
      .when(answer('42'))
      .then(settled('42'), { type: 'AgentCompleted', data: { output: '42' } });
  });

  const says = (text: string, callId = 'm1') =>
    aCommand('RecordModelOutcome', {
      epoch: 1,
      callId,
      usage,
      outcome: { kind: 'answered', text, calls: [] } as const,
      context,
    });
  const again = asked({
    callId: 'm2',
    held: { inputTokens: 165, outputTokens: 1_000, costMicroUsd: 2_165 },
  });

  it('without a word is asked once more, and then the agent fails with that reason', () => {
    given(...running(), asked())
      .when(says(' '))
      .then(settled(' '), again);
    given(...running(), asked(), settled(''), again)
      .when(says('', 'm2'))
      .thenState((state) => {
        const { phase } = state as { phase: string };
        if (phase !== 'failed') throw new Error(`is ${phase}`);
      });
    given(...running(), asked(), settled(''), again)
      .when(says('done', 'm2'))
      .thenState((state) => {
        const { phase } = state as { phase: string };
        if (phase !== 'completed') throw new Error(`is ${phase}`);
      });
  });

  it('without a word completes the agent by the rules of old runs', () => {
    given(...running(agentSpawned(), 0), asked())
      .when(says(''))
      .then(settled(''), { type: 'AgentCompleted', data: { output: '' } });
  });

  it('is heard once', () => {
    given(...running(), asked(), settled('42'), { type: 'AgentCompleted', data: { output: '42' } })
      .when(answer('42'))
      .changesNothing();
  });

  it('is not heard when its worker was superseded', () => {
    given(...running(), asked(), runStarted({ epoch: 2, workerId: 'worker-2' }))
      .when(answer('42'))
      .rejects('RUN_SUPERSEDED');
  });

  it('is only settled when the agent ended meanwhile', () => {
    given(...running(), asked(), { type: 'AgentTerminated', data: { reason: 'enough' } })
      .when(answer('42'))
      .then(settled('42'));
  });
});

describe('a provider that is to be asked again much later', () => {
  const untilMs = 5_000_000;
  const message = 'rate limit';
  const failed = { kind: 'failed', message, retryable: true } as const;
  const parked: AgentEvent[] = [
    { type: 'ModelCallSettled', data: { callId: 'm1', usage, outcome: failed } },
    { type: 'AgentParked', data: { waitingFor: 'provider', untilMs } },
  ];
  const fails = (final: boolean) =>
    aCommand('RecordModelOutcome', {
      epoch: 1,
      callId: 'm1',
      usage,
      outcome: { ...failed, final, notBeforeMs: untilMs },
      context,
    });

  it('is waited for without a slot', () => {
    given(...running(), asked())
      .when(fails(false))
      .then(...parked);
  });

  it('is not waited for once no try is left', () => {
    given(...running(), asked())
      .when(fails(true))
      .thenState((state) => {
        const { phase } = state as { phase: string };
        if (phase !== 'failed') throw new Error(`is ${phase}`);
      });
  });

  it('is asked again when the time has come, not before and only once', () => {
    const wake = (nowMs: number) => ({ ...aCommand('WakeAgent', {}), nowMs });
    const { when } = given(...running(), asked(), ...parked);
    when(wake(untilMs - 1)).changesNothing();
    when(wake(untilMs)).then({ type: 'AgentWoken', data: { reason: 'timer' } });
    given(...running(), asked(), ...parked, { type: 'AgentWoken', data: { reason: 'timer' } })
      .when(wake(untilMs))
      .changesNothing();
  });
});

describe('a model that calls tools', () => {
  const read: RequestedCall = { call: call('files__read'), kind: 'external' };
  const write: RequestedCall = { call: call('files__write', 1), kind: 'external' };

  it('has all of them started in the commit of its answer, each under its policy', () => {
    given(...running(), asked())
      .when(answer('looking', read, write))
      .then(
        settled('looking', read, write),
        { type: 'ToolCallStarted', data: { toolCallId: 'm1_0', attempt: 1, recovery: 'retry' } },
        { type: 'ToolCallStarted', data: { toolCallId: 'm1_1', attempt: 1, recovery: 'ask' } },
      );
  });

  it('has none of them started while the agent is paused', () => {
    given(...running(), asked(), { type: 'AgentPaused', data: {} })
      .when(answer('', read))
      .then(settled('', read), { type: 'RunYielded', data: { epoch: 1, reason: 'paused' } });
  });

  it('is told at once of a call that can not be understood', () => {
    const wrong: RequestedCall = { call: call('files__read'), kind: 'invalid', message: 'no path' };
    given(...running(), asked())
      .when(answer('', wrong))
      .thenState((state) => {
        if (!('modelCall' in state) || state.modelCall?.callId !== 'm2') throw new Error('no turn');
      });
  });

  it('parks with its question', () => {
    const ask: RequestedCall = {
      call: call('ask_human'),
      ...{ kind: 'ask', question: 'Which?', choices: ['a', 'b'] },
    };
    given(...running(), asked())
      .when(answer('', ask))
      .then(
        settled('', ask),
        {
          type: 'QuestionAsked',
          data: { toolCallId: 'm1_0', question: 'Which?', choices: ['a', 'b'] },
        },
        { type: 'AgentParked', data: { waitingFor: 'input' } },
      );
  });

  it('is told at once what the worker knows', () => {
    const now: RequestedCall = { call: call('now'), kind: 'told', content: 'noon' };
    given(...running(), asked())
      .when(answer('', now, { ...read, call: call('files__read', 1) }))
      .then(settled('', now, { ...read, call: call('files__read', 1) }), told('m1_0', 'noon'), {
        type: 'ToolCallStarted',
        data: { toolCallId: 'm1_1', attempt: 1, recovery: 'retry' },
      });
  });

  it('has its progress recorded in the same commit', () => {
    const progress: RequestedCall = {
      call: call('report_progress'),
      kind: 'progress',
      message: 'half',
    };
    given(...running(), asked())
      .when(answer('', progress, { ...read, call: call('files__read', 1) }))
      .then(
        settled('', progress, { ...read, call: call('files__read', 1) }),
        { type: 'ProgressReported', data: { message: 'half' } },
        told('m1_0', 'ok'),
        { type: 'ToolCallStarted', data: { toolCallId: 'm1_1', attempt: 1, recovery: 'retry' } },
      );
  });
});

describe('a model that spawns and awaits agents', () => {
  const spec = aSpec({
    argsHash: 'child-1',
    limits: { tokens: 10, costMicroUsd: 1, descendants: 0 },
  });
  const spawn: RequestedCall = { call: call('spawn_agent'), kind: 'spawn', childId: child, spec };
  const wait = (fields: object = {}): RequestedCall => ({
    call: call('await_agents', 1),
    kind: 'await',
    mode: 'all',
    ...fields,
  });
  const limits = someLimits({ tokens: 10, costMicroUsd: 1, depth: 2, descendants: 0 });
  const reserved = childReserved(child, { toolCallId: 'm1_0', spec, limits });
  const awaited = (fields: object = {}): AgentEvent => ({
    type: 'AwaitStarted',
    data: { toolCallId: 'm1_1', childIds: [child], mode: 'all', needed: 1, ...fields },
  });

  it('reserves and parks in the one commit of the answer', () => {
    given(...running(), asked())
      .when(answer('', spawn, wait()))
      .then(
        settled('', spawn, wait()),
        reserved,
        told('m1_0', JSON.stringify({ agentId: child, status: 'queued' })),
        awaited(),
        { type: 'AgentParked', data: { waitingFor: 'children' } },
      );
  });

  it('learns of a refused spawn and goes on', () => {
    given(...running(agentSpawned({ limits: someLimits({ depth: 0 }) })), asked())
      .when(answer('', spawn))
      .thenState((state) => {
        if (!('conversation' in state)) throw new Error('gone');
        const last = JSON.stringify(state.conversation.at(-1));
        if (!last.includes('LIMIT_DEPTH')) throw new Error(last);
      });
  });

  it('does not park when the awaited have already ended', () => {
    given(...running(), reserved, childEnded(child), asked())
      .when(answer('', wait()))
      .thenState((state) => {
        if (state.phase !== 'running') throw new Error(state.phase);
      });
  });

  it('is told when it awaits an agent that is not its child', () => {
    given(...running(), asked())
      .when(answer('', wait({ childIds: [anAgentId(9)] })))
      .thenState((state) => {
        if (!('conversation' in state)) throw new Error('gone');
        const last = JSON.stringify(state.conversation.at(-1));
        if (!last.includes('Not children')) throw new Error(last);
      });
  });

  it.each([
    ['any', {}, 1],
    ['quorum', { quorum: 2 }, 2],
    ['quorum', { quorum: 9 }, 3],
    ['all', {}, 3],
  ] as const)('needs with mode %s %j the ends of %i of three', (mode, fields, needed) => {
    const ids = [anAgentId(2), anAgentId(3), anAgentId(4)];
    const few = someLimits({ tokens: 10, costMicroUsd: 1, descendants: 0 });
    given(...running(), ...ids.map((id) => childReserved(id, { limits: few })), asked())
      .when(answer('', wait({ mode, ...fields })))
      .then(settled('', wait()), awaited({ childIds: ids, mode, needed }), {
        type: 'AgentParked',
        data: { waitingFor: 'children' },
      });
  });
});

describe('a model call that fails', () => {
  const failed = (retryable: boolean, final: boolean) =>
    aCommand('RecordModelOutcome', {
      epoch: 1,
      callId: 'm1',
      usage,
      outcome: { kind: 'failed', message: 'overloaded', retryable, final } as const,
      context,
    });
  const stored = (retryable: boolean): AgentEvent => ({
    type: 'ModelCallSettled',
    data: { callId: 'm1', usage, outcome: { kind: 'failed', message: 'overloaded', retryable } },
  });

  it('is settled, and asked again when the worker goes on', () => {
    given(...running(), asked())
      .when(failed(true, false))
      .then(stored(true));
    given(...running(), asked(), stored(true))
      .when(aCommand('ContinueRun', { epoch: 1, context }))
      .then(asked({ callId: 'm2', attempt: 2 }));
  });

  it.each([
    [false, false],
    [true, true],
  ])('fails the agent when retryable is %j and it was the last try: %j', (retryable, final) => {
    given(...running(), asked())
      .when(failed(retryable, final))
      .then(stored(retryable), {
        type: 'AgentFailed',
        data: { failure: { reason: 'MODEL_FAILED', message: 'overloaded', retryable } },
      });
  });
});

describe('an agent whose budget runs out', () => {
  const start = aCommand('ContinueRun', { epoch: 1, context });
  const poor = (limits: object) => running(agentSpawned({ limits: someLimits(limits) }));

  it.each([
    ['tokens', { tokens: 0 }],
    ['costMicroUsd', { costMicroUsd: 0 }],
  ] as const)('ends exhausted without a call when %s is zero', (limit, limits) => {
    given(...poor(limits))
      .when(start)
      .then({ type: 'AgentExhausted', data: { limit } });
  });

  it('gets an answer cut to what is left', () => {
    given(...poor({ tokens: 700 }))
      .when(start)
      .then(
        asked({
          maxTokens: 600,
          held: { inputTokens: 100, outputTokens: 600, costMicroUsd: 1_300 },
        }),
      );
  });

  it('gets one turn without tools when little is left', () => {
    given(...poor({ tokens: 200 }))
      .when(start)
      .then(
        asked({
          maxTokens: 100,
          windDown: true,
          held: { inputTokens: 100, outputTokens: 100, costMicroUsd: 300 },
        }),
      );
  });

  it('ends exhausted after that turn, with what it said', () => {
    given(...poor({ tokens: 200 }), asked({ windDown: true }))
      .when(answer('so far: 3 stars'))
      .then(settled('so far: 3 stars'), {
        type: 'AgentExhausted',
        data: { limit: 'tokens', partial: 'so far: 3 stars' },
      });
  });
});
