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

const { given } = specifications(
  agentDecider(() => 'hash'),
  withoutCause,
);

const [weak, strong, again] = [2, 3, 4].map(anAgentId) as [
  ReturnType<typeof anAgentId>,
  ReturnType<typeof anAgentId>,
  ReturnType<typeof anAgentId>,
];
const limits = { tokens: 10, costMicroUsd: 1, descendants: 0 };
const spec = aSpec({ argsHash: 'retry-1', limits });
const told = {
  messageId: 'one',
  from: { kind: 'client', principal: 'bob' },
  text: 'started again',
} as const;
const childRetried: AgentEventData<'ChildRetried'> = {
  childId: again,
  from: { agentId: weak, revision: 9 },
};
const retry = (fields: Partial<typeof spec> = {}, retried = childRetried) =>
  aCommand('RetryChild', { spec: { ...spec, ...fields }, retried, told }, { id: 'one' });

const small = { limits: someLimits(limits) };
const failed = childEnded(weak, {
  status: 'failed',
  failure: { reason: 'MODEL_FAILED', message: 'away', retryable: true },
});
const parent: AgentEvent[] = [agentSpawned(), agentAdmitted(), runStarted()];
const family: AgentEvent[] = [...parent, childReserved(weak, small), failed];
const reserved = childReserved(again, { spec, limits: { ...someLimits(limits), depth: 2 } });
const retried: AgentEvent = { type: 'ChildRetried', data: childRetried };
const received = (interrupts: boolean): AgentEvent => ({
  type: 'MessageReceived',
  data: { ...told, interrupts },
});

/** It waits for the child that failed, and for another one. */
const usage = { inputTokens: 10, outputTokens: 5, costMicroUsd: 20 };
const awaitCall = { id: 'm1_0', name: 'await_agents', arguments: '{}' };
const parked: AgentEvent[] = [
  ...parent,
  childReserved(weak, small),
  childReserved(strong, small),
  {
    type: 'ModelCallStarted',
    data: {
      callId: 'm1',
      attempt: 1,
      model: 'scripted:echo',
      maxTokens: 100,
      windDown: false,
      held: { inputTokens: 10, outputTokens: 100, costMicroUsd: 30 },
      requestHash: 'hash',
    },
  },
  {
    type: 'ModelCallSettled',
    data: { callId: 'm1', usage, outcome: { kind: 'answered', text: '', toolCalls: [awaitCall] } },
  },
  {
    type: 'AwaitStarted',
    data: { toolCallId: 'm1_0', childIds: [weak, strong], mode: 'all', needed: 2 },
  },
  { type: 'AgentParked', data: { waitingFor: 'children' } },
  failed,
];

describe('a child in the place of one that has ended', () => {
  it('gets its limits out of what the parent has, which is told', () => {
    given(...family)
      .when(retry())
      .then(reserved, retried, received(false));
  });

  it('wakes a parent that waits for children', () => {
    given(...parked)
      .when(retry())
      .then(
        reserved,
        retried,
        received(true),
        { type: 'AwaitEnded', data: { toolCallId: 'm1_0', reason: 'message' } },
        { type: 'AgentWoken', data: { reason: 'message' } },
      );
  });

  it('is made once', () => {
    given(...family, reserved, retried, received(false))
      .when(retry())
      .changesNothing();
  });

  it('is refused when the same id comes with other wishes', () => {
    given(...family, reserved, retried, received(false))
      .when(retry({ argsHash: 'retry-2' }))
      .rejects('IDEMPOTENCY_CONFLICT');
  });

  it.each([
    ['LIMIT_TOKENS', { tokens: 1_000_000_000 }],
    ['LIMIT_COST', { costMicroUsd: 1_000_000_000 }],
    ['LIMIT_DESCENDANTS', { descendants: 1_000 }],
  ])('is refused with %s beyond what the parent has left: %j', (code, asked) => {
    given(...family)
      .when(retry({ limits: { ...limits, ...asked } }))
      .rejects(code);
  });

  it('is refused where the other one lives, has completed, or is no child', () => {
    given(...parent, childReserved(weak, small))
      .when(retry())
      .rejects('AGENT_NOT_FAILED');
    given(...parent, childReserved(weak, small), childEnded(weak, { status: 'completed' }))
      .when(retry())
      .rejects('AGENT_NOT_FAILED');
    given(...parent)
      .when(retry())
      .rejects('AGENT_NOT_FAILED');
  });

  it('is refused once the parent has ended, and where there is none', () => {
    given(...family, { type: 'AgentTerminated', data: { reason: 'enough' } })
      .when(retry())
      .rejects('PARENT_ENDED');
    given().when(retry()).rejects('AGENT_NOT_FOUND');
  });

  it('is refused while the parent takes no more messages', () => {
    const unread = Array.from({ length: 100 }, () => received(false));
    given(...family, ...unread)
      .when(retry())
      .rejects('LIMIT_MESSAGES');
  });
});
