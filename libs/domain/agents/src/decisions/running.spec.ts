import { describe, it } from '@jest/globals';
import type { AgentEvent } from '@skynet/contracts';
import {
  aCommand,
  agentAdmitted,
  agentSpawned,
  anAgentId,
  runStarted,
  specifications,
  withoutCause,
} from '@skynet/testing';
import { agentDecider } from './agent.decider.js';

const { given } = specifications(
  agentDecider(() => 'hash'),
  withoutCause,
);

const context = {
  promptBytes: 100,
  promptHash: 'prompt',
  recoveries: { files__write: 'retry' },
} as const;
const held = { inputTokens: 100, outputTokens: 1_000, costMicroUsd: 2_100 };

const admitted: AgentEvent = agentAdmitted();
const started = (epoch = 1): AgentEvent => runStarted({ epoch });
const asked = (callId = 'm1', attempt = 1): AgentEvent => ({
  type: 'ModelCallStarted',
  data: {
    callId,
    attempt,
    model: 'scripted:echo',
    maxTokens: 1_000,
    windDown: false,
    held,
    requestHash: 'hash',
  },
});
const toolAsked: AgentEvent = {
  type: 'ModelCallSettled',
  data: {
    callId: 'm1',
    usage: { inputTokens: 10, outputTokens: 5, costMicroUsd: 20 },
    outcome: {
      kind: 'answered',
      text: '',
      toolCalls: [{ id: 'm1_0', name: 'files__write', arguments: '{}' }],
    },
  },
};
const toolStarted = (recovery: 'retry' | 'key' | 'ask' | 'fail', attempt = 1): AgentEvent => ({
  type: 'ToolCallStarted',
  data: { toolCallId: 'm1_0', attempt, recovery },
});

const startRun = (fields: { dispatchId?: number; lostWorkerId?: string } = {}) =>
  aCommand('StartRun', {
    dispatchId: 1,
    workerId: 'worker-1',
    offered: null,
    rules: 1,
    keepsSlot: false,
    context,
    ...fields,
  });

describe('a queued agent', () => {
  it('is admitted when it is its turn', () => {
    given(agentSpawned())
      .when(aCommand('AdmitAgent', { queuedRevision: 0 }))
      .then(admitted);
  });

  it('is not admitted by a turn of an earlier time in the queue', () => {
    given(agentSpawned())
      .when(aCommand('AdmitAgent', { queuedRevision: 7 }))
      .changesNothing();
  });

  it('is not admitted while it is paused', () => {
    given(agentSpawned(), { type: 'AgentPaused', data: {} })
      .when(aCommand('AdmitAgent', { queuedRevision: 0 }))
      .changesNothing();
  });

  it('is not admitted by a turn of before a pause', () => {
    const { when } = given(
      agentSpawned(),
      { type: 'AgentPaused', data: {} },
      { type: 'AgentResumed', data: {} },
    );
    when(aCommand('AdmitAgent', { queuedRevision: 0 })).changesNothing();
    when(aCommand('AdmitAgent', { queuedRevision: 2 })).then(admitted);
  });

  it('is not started without admission', () => {
    given(agentSpawned()).when(startRun()).changesNothing();
  });

  it('is turned away by the limit of its tenant', () => {
    given(agentSpawned())
      .when(aCommand('RefuseAgent', { message: 'too many' }))
      .then({
        type: 'AgentFailed',
        data: { failure: { reason: 'TENANT_LIMIT', message: 'too many', retryable: true } },
      });
  });
});

describe('an agent whose worker has a slot', () => {
  const slot = { kind: 'kept', of: anAgentId(7) } as const;
  const beginRun = () =>
    aCommand('BeginRun', {
      slot,
      workerId: 'worker-1',
      offered: null,
      rules: 1,
      keepsSlot: false,
      context,
    });
  const taken: AgentEvent = agentAdmitted(slot);

  it('takes it and starts in one decision', () => {
    given(agentSpawned()).when(beginRun()).then(taken, started(), asked());
  });

  it('takes none when it was admitted by the scheduler, runs, or is paused', () => {
    given(agentSpawned(), admitted).when(beginRun()).changesNothing();
    given(agentSpawned(), admitted, started(), asked()).when(beginRun()).changesNothing();
    given(agentSpawned(), { type: 'AgentPaused', data: {} }).when(beginRun()).changesNothing();
    given().when(beginRun()).changesNothing();
  });
});

describe('an admitted agent', () => {
  it('starts its run with the intention of the first model call in the same commit', () => {
    given(agentSpawned(), admitted).when(startRun()).then(started(), asked());
  });

  it('is not admitted twice, nor turned away', () => {
    const { when } = given(agentSpawned(), admitted);
    when(aCommand('AdmitAgent', { queuedRevision: 0 })).changesNothing();
    when(aCommand('RefuseAgent', { message: 'too many' })).changesNothing();
  });

  it('is not started by another dispatch', () => {
    given(agentSpawned(), admitted)
      .when(startRun({ dispatchId: 9 }))
      .changesNothing();
  });

  it('gives its slot back when it was paused before the start', () => {
    given(agentSpawned(), admitted, { type: 'AgentPaused', data: {} })
      .when(startRun())
      .then(started(), { type: 'RunYielded', data: { epoch: 1, reason: 'paused' } });
  });
});

describe('a running agent', () => {
  it('is not started again by a copy of its dispatch', () => {
    given(agentSpawned(), admitted, started(), asked()).when(startRun()).changesNothing();
  });

  it('is not taken over from another worker than the one that runs it', () => {
    given(agentSpawned(), admitted, started(), asked())
      .when(startRun({ lostWorkerId: 'worker-9' }))
      .changesNothing();
  });

  it('is taken over when its worker is lost; the lost model call counts as spent and is asked again', () => {
    given(agentSpawned(), admitted, started(), asked())
      .when(startRun({ lostWorkerId: 'worker-1' }))
      .then(
        started(2),
        {
          type: 'ModelCallSettled',
          data: { callId: 'm1', usage: held, outcome: { kind: 'lost' } },
        },
        asked('m2'),
      );
  });

  it('is not taken over again by a repeat of the command that took it over', () => {
    const start = startRun({ lostWorkerId: 'worker-1' });
    const takenOver = { ...started(2), causationId: start.id };
    given(agentSpawned(), admitted, started(), asked(), takenOver).when(start).changesNothing();
  });

  it('is given up after three runs in a row without a step', () => {
    const lost = (callId: string): AgentEvent => ({
      type: 'ModelCallSettled',
      data: { callId, usage: held, outcome: { kind: 'lost' } },
    });
    const runs = [started(1), asked('m1'), started(2), lost('m1'), asked('m2'), started(3)];
    given(agentSpawned(), admitted, ...runs, lost('m2'), asked('m3'))
      .when(startRun({ lostWorkerId: 'worker-1' }))
      .then({
        type: 'AgentFailed',
        data: {
          failure: {
            reason: 'CRASH_LOOP',
            message: '3 runs in a row ended without a step',
            retryable: false,
          },
        },
      });
  });

  it('does not listen to a worker that was superseded', () => {
    const { when } = given(agentSpawned(), admitted, started(), started(2));
    when(aCommand('ContinueRun', { epoch: 1, context })).rejects('RUN_SUPERSEDED');
    when(
      aCommand('RecordToolOutcome', {
        epoch: 1,
        toolCallId: 'm1_0',
        attempt: 1,
        outcome: { kind: 'unknown', reason: 'timed out' },
        context,
      }),
    ).rejects('RUN_SUPERSEDED');
  });

  it('goes back to the queue when its worker shuts down', () => {
    given(agentSpawned(), admitted, started())
      .when(aCommand('ContinueRun', { epoch: 1, context: { ...context, draining: 'yield' } }))
      .then({ type: 'RunYielded', data: { epoch: 1, reason: 'handover' } });
  });

  it('is left to its next run by workers of before, which yielded nothing', () => {
    given(agentSpawned(), admitted, started())
      .when(aCommand('ContinueRun', { epoch: 1, context: { ...context, draining: 'keep' } }))
      .changesNothing();
  });
});

describe('a tool call that a dead worker left under way', () => {
  const left = (recovery: 'retry' | 'key' | 'ask' | 'fail', attempt = 1) =>
    given(
      agentSpawned(),
      admitted,
      started(),
      asked(),
      toolAsked,
      toolStarted(recovery, attempt),
    ).when(startRun({ lostWorkerId: 'worker-1' }));

  it.each(['retry', 'key'] as const)('is started again under the policy %s', (recovery) => {
    left(recovery).then(started(2), toolStarted(recovery, 2));
  });

  it('is in doubt under the policy ask: the agent parks until somebody answers', () => {
    left('ask').then(
      started(2),
      { type: 'ToolCallInDoubt', data: { toolCallId: 'm1_0', reason: 'the call broke off' } },
      { type: 'AgentParked', data: { waitingFor: 'input' } },
    );
  });

  const unknown: AgentEvent = {
    type: 'ToolCallSettled',
    data: {
      toolCallId: 'm1_0',
      content: 'OUTCOME_UNKNOWN: the call broke off; it may or may not have happened.',
      isError: true,
    },
  };

  it('is told to the model as an error under the policy fail', () => {
    left('fail').thenState((state) => expectLastEntry(state, unknown));
  });

  it('is not tried a fourth time', () => {
    left('retry', 3).thenState((state) => expectLastEntry(state, unknown));
  });
});

function expectLastEntry(state: unknown, settled: AgentEvent): void {
  const { conversation } = state as { conversation: readonly object[] };
  const expected = { kind: 'toolResult', ...settled.data };
  if (JSON.stringify(conversation.at(-1)) !== JSON.stringify(expected)) {
    throw new Error(`expected ${JSON.stringify(expected)}`);
  }
}

describe('a tool call under way', () => {
  const calling = [agentSpawned(), admitted, started(), asked(), toolAsked, toolStarted('retry')];
  const outcome = (fields: object) =>
    aCommand('RecordToolOutcome', {
      epoch: 1,
      toolCallId: 'm1_0',
      attempt: 1,
      outcome: { kind: 'settled', content: 'written', isError: false } as const,
      context: { ...context, recoveries: {} },
      ...fields,
    });

  it('is settled in one commit with the next model call', () => {
    given(...calling)
      .when(outcome({}))
      .thenState((state) => {
        if (!('modelCall' in state) || state.modelCall?.callId !== 'm2') throw new Error('no call');
      });
  });

  it('is settled once', () => {
    given(...calling, {
      type: 'ToolCallSettled',
      data: { toolCallId: 'm1_0', content: 'written', isError: false },
    })
      .when(outcome({}))
      .changesNothing();
  });

  it('is settled also after the end of the agent, and nothing else follows', () => {
    given(...calling, { type: 'AgentTerminated', data: { reason: 'enough' } })
      .when(outcome({}))
      .then({
        type: 'ToolCallSettled',
        data: { toolCallId: 'm1_0', content: 'written', isError: false },
      });
  });

  it('is started again when it broke off and its policy allows', () => {
    given(...calling)
      .when(outcome({ outcome: { kind: 'unknown', reason: 'timed out' } }))
      .then(toolStarted('retry', 2));
  });

  const brokeOff = (recovery: 'ask' | 'fail') =>
    given(...calling.slice(0, -1), toolStarted(recovery)).when(
      outcome({ outcome: { kind: 'unknown', reason: 'tools: timed out after 60 s' } }),
    );

  it('is in doubt when it broke off and a person is to be asked, who is told why', () => {
    const reason = 'tools: timed out after 60 s';
    brokeOff('ask').then(
      { type: 'ToolCallInDoubt', data: { toolCallId: 'm1_0', reason } },
      { type: 'AgentParked', data: { waitingFor: 'input' } },
    );
  });

  it('is told to the model with the reason when it broke off and nobody is to be asked', () => {
    const content =
      'OUTCOME_UNKNOWN: tools: timed out after 60 s; it may or may not have happened.';
    const data = { toolCallId: 'm1_0', content, isError: true };
    brokeOff('fail').thenState((state) =>
      expectLastEntry(state, { type: 'ToolCallSettled', data }),
    );
  });
});
