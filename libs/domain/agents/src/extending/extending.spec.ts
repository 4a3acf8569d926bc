import { describe, it } from '@jest/globals';
import { deepStrictEqual } from 'node:assert/strict';
import type { AgentEvent, AgentEventData, Extension, Limits } from '@skynet/contracts';
import {
  aCommand,
  agentAdmitted,
  agentSpawned,
  anAgentId,
  childEnded,
  childReserved,
  runStarted,
  someLimits,
  specifications,
  withoutCause,
} from '@skynet/testing';
import { agentDecider } from '../decisions/agent.decider.js';
import { isSpawned } from '../agent/agent-state.js';
import { available } from '../agent/available.js';
import type { CausedEvent } from '../evolution/evolve.js';

const { given } = specifications(
  agentDecider(() => 'hash'),
  withoutCause,
);

const child = anAgentId(2);
const by = 'bob';
const all = { tokens: 10, costMicroUsd: 20, seconds: 30, descendants: 1 };
const plusAll = (limits: Limits): Limits => ({
  ...limits,
  tokens: limits.tokens + 10,
  costMicroUsd: limits.costMicroUsd + 20,
  deadlineMs: limits.deadlineMs + 30_000,
  descendants: limits.descendants + 1,
});
const completed: AgentEvent = { type: 'AgentCompleted', data: { output: 'x' } };
const running = [agentSpawned(), agentAdmitted(), runStarted()];
const lastWord: AgentEvent = {
  type: 'ModelCallStarted',
  data: {
    callId: 'm1',
    attempt: 1,
    model: 'scripted:echo',
    maxTokens: 100,
    windDown: true,
    held: { inputTokens: 100, outputTokens: 100, costMicroUsd: 2 },
    requestHash: 'hash',
  },
};

describe('a root that gets more', () => {
  const extend = (add: Extension = all, most?: Partial<Limits>, id = 'one') =>
    aCommand('ExtendAgent', { add, by, most }, { id });
  const extended = (limits = plusAll(someLimits()), add: Extension = all): CausedEvent => ({
    type: 'LimitsExtended',
    data: { add, limits, by },
    causationId: 'one',
  });

  it('has the sum, whether it is queued, runs or is paused', () => {
    const paused: AgentEvent = { type: 'AgentPaused', data: {} };
    for (const before of [[agentSpawned()], running, [agentSpawned(), paused]])
      given(...before)
        .when(extend())
        .then(extended());
    given(...running)
      .when(extend({ seconds: 1 }))
      .then(extended(someLimits({ deadlineMs: someLimits().deadlineMs + 1_000 }), { seconds: 1 }));
  });

  it('gets it once, also when it has ended since, and nothing else under that id', () => {
    given(...running, extended())
      .when(extend())
      .changesNothing();
    given(...running, extended(), completed)
      .when(extend())
      .changesNothing();
    given(...running, extended())
      .when(extend({ tokens: 10 }))
      .rejects('IDEMPOTENCY_CONFLICT');
  });

  it('gets the next beside it', () => {
    given(...running, extended())
      .when(extend(all, {}, 'two'))
      .then(extended(plusAll(plusAll(someLimits()))));
  });

  it('is not one that has ended, has its last word, or is a child', () => {
    given(...running, completed)
      .when(extend())
      .rejects('AGENT_ALREADY_ENDED');
    given(...running, lastWord)
      .when(extend())
      .rejects('AGENT_ALREADY_ENDED');
    given(agentSpawned({ agentId: child, parentId: anAgentId() }))
      .when(extend())
      .rejects('INVALID_ARGUMENTS');
    given().when(extend()).rejects('AGENT_NOT_FOUND');
  });

  it('gets no more than its tenant may have, which counts where it asks for more', () => {
    const { tokens, deadlineMs } = someLimits();
    for (const most of [{ tokens: tokens + 9 }, { deadlineMs: deadlineMs + 29_999 }])
      given(...running)
        .when(extend(all, most))
        .rejects('LIMIT_CEILING');
    given(...running)
      .when(extend(all, { tokens: tokens + 10, deadlineMs: deadlineMs + 30_000 }))
      .then(extended());
    given(...running)
      .when(extend(all, { depth: 0, children: 0 }))
      .then(extended());
    given(...running)
      .when(extend({ seconds: 30 }, { tokens: 1 }))
      .then(extended(someLimits({ deadlineMs: deadlineMs + 30_000 }), { seconds: 30 }));
  });

  it('gets no more than can be counted', () => {
    given(...running)
      .when(extend({ tokens: Number.MAX_SAFE_INTEGER }))
      .rejects('INVALID_ARGUMENTS');
    given(agentSpawned({ limits: someLimits({ deadlineMs: 8_640_000_000_000_000 }) }))
      .when(extend({ seconds: 1 }))
      .rejects('INVALID_ARGUMENTS');
  });
});

describe('a parent whose child is to get more', () => {
  const own = { tokens: 1_000, costMicroUsd: 100, descendants: 2 };
  const limits = someLimits({ ...own, deadlineMs: someLimits().deadlineMs - 30_000 });
  const parent = (fields: Partial<Limits> = {}): AgentEvent[] => {
    const left = { tokens: 1_010, costMicroUsd: 120, descendants: 4, ...fields };
    return [
      agentSpawned({ limits: someLimits(left) }),
      agentAdmitted(),
      runStarted(),
      childReserved(child, { limits }),
    ];
  };
  const extend = (add: Extension = all, id = 'one') =>
    aCommand('ExtendChild', { childId: child, add, by }, { id });
  const extended: CausedEvent = {
    type: 'ChildExtended',
    data: { childId: child, add: all, limits: plusAll(limits), by },
    causationId: 'one',
  };

  it('sets it aside, to the last of what it has left', () => {
    given(...parent())
      .when(extend())
      .then(extended);
    given(...parent())
      .when(extend())
      .thenState((state) => {
        if (!isSpawned(state)) throw new Error('no agent');
        deepStrictEqual(available(state), { tokens: 0, costMicroUsd: 0, descendants: 0 });
      });
  });

  it('sets aside no more than that', () => {
    for (const [fields, code] of [
      [{ tokens: 1_009 }, 'LIMIT_TOKENS'],
      [{ costMicroUsd: 119 }, 'LIMIT_COST'],
      [{ descendants: 3 }, 'LIMIT_DESCENDANTS'],
      [{ deadlineMs: someLimits().deadlineMs - 1 }, 'LIMIT_SECONDS'],
    ] as const)
      given(...parent(fields))
        .when(extend())
        .rejects(code);
  });

  it('sets it aside once', () => {
    given(...parent(), extended)
      .when(extend())
      .changesNothing();
    given(...parent(), extended, childEnded(child))
      .when(extend())
      .changesNothing();
    given(...parent(), extended)
      .when(extend({ tokens: 10 }))
      .rejects('IDEMPOTENCY_CONFLICT');
    given(...parent(), extended)
      .when(extend({ tokens: 1 }, 'two'))
      .rejects('LIMIT_TOKENS');
  });

  it('has back what the child did not spend of it, once', () => {
    given(...parent(), extended)
      .when(aCommand('RecordChildEnded', childEnded(child).data))
      .thenState((state) => {
        if (!isSpawned(state)) throw new Error('no agent');
        deepStrictEqual(available(state), { tokens: 995, costMicroUsd: 119, descendants: 3 });
      });
  });

  it('sets nothing aside for who has ended or is no child, or when it has ended itself', () => {
    given(...parent(), childEnded(child))
      .when(extend())
      .rejects('AGENT_ALREADY_ENDED');
    given(...running)
      .when(extend())
      .rejects('AGENT_NOT_FOUND');
    given(...parent(), completed)
      .when(extend())
      .rejects('PARENT_ENDED');
    given().when(extend()).rejects('AGENT_NOT_FOUND');
  });
});

describe('a child for which more was set aside', () => {
  const born = agentSpawned({ agentId: child, parentId: anAgentId() });
  const more: AgentEventData<'LimitsExtended'> = { add: all, limits: plusAll(someLimits()), by };
  const take = (data = more) => aCommand('TakeExtension', data, { id: 'one:taken' });
  const extended: AgentEvent = { type: 'LimitsExtended', data: more };

  it('has it, once', () => {
    given(born).when(take()).then(extended);
    given(born, extended).when(take()).changesNothing();
    given(born, extended, completed).when(take()).changesNothing();
  });

  it('has no less for what comes late', () => {
    const newer = { ...more, limits: plusAll(more.limits) };
    given(born, { type: 'LimitsExtended', data: newer }).when(take()).changesNothing();
  });

  it('has it also with its last word, which may be lost', () => {
    given(born, agentAdmitted(), runStarted(), lastWord).when(take()).then(extended);
  });

  it('is not one that has ended', () => {
    given(born, completed).when(take()).rejects('AGENT_ALREADY_ENDED');
    given().when(take()).rejects('AGENT_NOT_FOUND');
  });
});

describe('an agent that was extended', () => {
  const { deadlineMs } = someLimits();
  const more: AgentEvent = {
    type: 'LimitsExtended',
    data: { add: all, limits: plusAll(someLimits()), by },
  };

  it('expires at its new deadline, not at the old one', () => {
    given(...running, more)
      .when(aCommand('ExpireAgent', {}, { nowMs: deadlineMs + 29_999 }))
      .changesNothing();
    given(...running, more)
      .when(aCommand('ExpireAgent', {}, { nowMs: deadlineMs + 30_000 }))
      .then({ type: 'AgentExpired', data: {} });
  });
});
