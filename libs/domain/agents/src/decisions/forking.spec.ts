import { describe, it } from '@jest/globals';
import type { AgentEvent, AgentEventData } from '@skynet/contracts';
import {
  aCommand,
  agentSpawned,
  anAgentId,
  aSpec,
  childReserved,
  specifications,
  withoutCause,
} from '@skynet/testing';
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { agentDecider } from './agent.decider.js';
import { isSpawned } from '../agent/agent-state.js';

const { given } = specifications(
  agentDecider((text) => `${text.length}`),
  withoutCause,
);

const spawned = agentSpawned({ spec: aSpec({ argsHash: 'fork-1' }) });
const part = (text: string) => ({
  conversation: [{ kind: 'answer' as const, text, toolCalls: [] }],
  children: [],
});
const shared = (text: string): AgentEvent => ({ type: 'HistoryShared', data: part(text) });
const forkedData: AgentEventData<'AgentForked'> = {
  from: { agentId: anAgentId(9), revision: 12 },
  modelCalls: 3,
  toolCalls: [],
  awaits: [],
};
const forked: AgentEvent = { type: 'AgentForked', data: forkedData };
const paused: AgentEvent = { type: 'AgentPaused', data: {} };
const resumed: AgentEvent = { type: 'AgentResumed', data: {} };
const child = childReserved(anAgentId(2));

const retryOf = anAgentId(9);
const retryStarted: AgentEvent = { type: 'RetryStarted', data: { retryOf } };

const fork = (texts: readonly string[], data: Partial<AgentEventData<'AgentForked'>> = {}) =>
  aCommand('ForkAgent', {
    spawned: spawned.data,
    parts: texts.map(part),
    forked: { ...forkedData, ...data },
    reserved: [child.data],
  });

describe('a fork with a short history', () => {
  it('is made in one commit', () => {
    given()
      .when(fork(['said']))
      .then(spawned, shared('said'), forked, child);
  });

  it('is made without one when nothing had been said', () => {
    given().when(fork([])).then(spawned, forked, child);
  });

  it('says in whose place the agent is, where it is a retry', () => {
    const command = fork(['said']);
    const retry = { ...command, data: { ...command.data, retryOf } };
    given().when(retry).then(spawned, shared('said'), forked, retryStarted, child);
  });

  it('is not made twice', () => {
    given(spawned, shared('said'), forked, child)
      .when(fork(['said']))
      .changesNothing();
  });

  it('goes on counting its model calls, and has what it said last', () => {
    given()
      .when(fork(['said']))
      .thenState((state) => {
        if (!isSpawned(state)) throw new Error('not spawned');
        strictEqual(state.modelCalls, 3);
        strictEqual(state.lastText, 'said');
        strictEqual(state.spent.inputTokens, 0);
      });
  });
});

describe('a fork with a long history', () => {
  it('is paused until it has all of it', () => {
    given()
      .when(fork(['one', 'two', 'three']))
      .then(spawned, paused, shared('one'));
    given(spawned, paused, shared('one'))
      .when(fork(['one', 'two', 'three']))
      .then(shared('two'));
    given(spawned, paused, shared('one'), shared('two'))
      .when(fork(['one', 'two', 'three']))
      .then(shared('three'), forked, child, resumed);
  });

  it('is resumed by nobody before that', () => {
    given(spawned, paused, shared('one'))
      .when(aCommand('ResumeAgent', {}))
      .rejects('AGENT_NOT_PAUSED');
  });

  it('can be terminated before that, and gets no more of it', () => {
    given(spawned, paused, shared('one'), { type: 'AgentTerminated', data: { reason: 'enough' } })
      .when(fork(['one', 'two']))
      .changesNothing();
  });
});

describe('a fork under an id that is taken', () => {
  it('is a conflict', () => {
    given(agentSpawned())
      .when(fork(['said']))
      .rejects('IDEMPOTENCY_CONFLICT');
    given({ type: 'AgentRefused', data: { reason: 'parent terminated' } })
      .when(fork(['said']))
      .rejects('AGENT_REFUSED');
  });
});

const received = {
  type: 'MessageReceived' as const,
  data: {
    messageId: 'two',
    from: { kind: 'client' as const, principal: 'bob' },
    text: 'and short',
    interrupts: false,
  },
};

describe('messages to an agent that is forked', () => {
  const from = { kind: 'client' } as const;
  const unread = [{ id: 'one', from, text: 'in French', interrupts: false }];
  const unreadOf = (...events: readonly AgentEvent[]) => {
    let texts: unknown[] = [];
    given(spawned, paused, shared('said'), ...events)
      .when(aCommand('TerminateAgent', { reason: 'enough', reserved: false }))
      .thenState((state) => {
        texts = isSpawned(state) ? state.unread.map(({ text }) => text) : [];
      });
    return texts;
  };

  it('are read in the order in which they were said, before and after', () => {
    const data = { ...forkedData, unread, message: 'mind the gap' };
    deepStrictEqual(unreadOf(received, { type: 'AgentForked', data }), [
      'in French',
      'mind the gap',
      'and short',
    ]);
  });

  it('are kept when they come while the history does', () => {
    deepStrictEqual(unreadOf(received, forked), ['and short']);
  });
});

describe('a message to a fork', () => {
  const open = {
    toolCallId: 'm3_0',
    name: 'files__read',
    stage: 'started' as const,
    attempt: 1,
    recovery: 'retry' as const,
  };
  const told = (...events: readonly AgentEvent[]) =>
    given(...events).when(aCommand('PauseAgent', {}));
  const forkedWith = (data: object): AgentEvent => ({
    type: 'AgentForked',
    data: { ...forkedData, message: 'mind the gap', ...data },
  });

  it('is the last thing it hears', () => {
    told(spawned, shared('said'), forkedWith({})).thenState((state) => {
      strictEqual(isSpawned(state) && state.conversation.at(-1)?.kind, 'message');
    });
  });

  it('waits until no call is open', () => {
    const begun = [spawned, shared('said'), forkedWith({ toolCalls: [open] })];
    told(...begun).thenState((state) => {
      strictEqual(isSpawned(state) && state.conversation.at(-1)?.kind, 'answer');
    });
    const settled: AgentEvent = {
      type: 'ToolCallSettled',
      data: { toolCallId: 'm3_0', content: 'read', isError: false },
    };
    told(...begun, settled).thenState((state) => {
      strictEqual(isSpawned(state) && state.conversation.at(-1)?.kind, 'message');
    });
  });
});

describe('what a fork waits for', () => {
  const call = { toolCallId: 'm3_0', name: 'await_message', stage: 'asked', attempt: 0 } as const;
  const wait = { toolCallId: 'm3_0', childIds: [], mode: 'any', needed: 1 } as const;
  const open = { toolCalls: [call], awaits: [{ ...wait, childIds: [] }] };
  const waiting: AgentEvent = { type: 'AgentForked', data: { ...forkedData, ...open } };
  const told: AgentEvent = {
    type: 'AwaitEnded',
    data: { toolCallId: 'm3_0', reason: 'message' },
  };

  it('are what it waited for, also the one that it begins with', () => {
    const message = { ...open, message: 'mind the gap' };
    given()
      .when(fork(['said'], message))
      .then(
        ...[spawned, shared('said')],
        ...[{ type: 'AgentForked' as const, data: { ...forkedData, ...message } }, child, told],
      );
    given(spawned, paused, shared('one'), received)
      .when(fork(['one', 'two'], open))
      .then(shared('two'), waiting, child, told, resumed);
  });

  it('are waited for while there is none', () => {
    given()
      .when(fork(['said'], open))
      .then(spawned, shared('said'), waiting, child);
  });

  it('end its waits for children where they are not to wait', () => {
    const ofChildren = { ...open, awaits: [{ ...wait, childIds: [anAgentId(2)] }] };
    const hurried: AgentEvent = {
      type: 'MessageReceived',
      data: { ...received.data, interrupts: true },
    };
    const forkedSo: AgentEvent = { type: 'AgentForked', data: { ...forkedData, ...ofChildren } };
    given(spawned, paused, shared('one'), hurried)
      .when(fork(['one', 'two'], ofChildren))
      .then(shared('two'), forkedSo, child, told, resumed);
    given(spawned, paused, shared('one'), received)
      .when(fork(['one', 'two'], ofChildren))
      .then(shared('two'), forkedSo, child, resumed);
  });
});
