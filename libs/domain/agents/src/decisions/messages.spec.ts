import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import type { AgentEvent, AgentEventData } from '@skynet/contracts';
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
import type { CausedEvent } from '../evolution/evolve.js';
import type { RequestedCall } from '../agent/agent-command.js';
import { isSpawned, type AgentState } from '../agent/agent-state.js';

const { given } = specifications(
  agentDecider(() => 'hash'),
  withoutCause,
);

const context = { promptBytes: 100, promptHash: 'prompt', recoveries: {} };
const usage = { inputTokens: 10, outputTokens: 5, costMicroUsd: 20 };
const held = { inputTokens: 100, outputTokens: 1_000, costMicroUsd: 2_100 };
const child = anAgentId(2);

type Message = AgentEventData<'MessageReceived'>;

const message = (fields: Partial<Message> = {}): Message => ({
  messageId: 'one',
  from: { kind: 'client', principal: 'bob' },
  text: 'in French',
  interrupts: false,
  ...fields,
});
const send = (fields: Partial<Message> = {}) => {
  const data = message(fields);
  return aCommand('SendAgentMessage', data, { id: data.messageId });
};
const received = (fields: Partial<Message> = {}): CausedEvent => {
  const data = message(fields);
  return { type: 'MessageReceived', data, causationId: data.messageId };
};
const running: AgentEvent[] = [agentSpawned(), agentAdmitted(), runStarted()];
const asked = (fields: Partial<AgentEventData<'ModelCallStarted'>> = {}): AgentEvent => ({
  type: 'ModelCallStarted',
  data: {
    callId: 'm1',
    attempt: 1,
    model: 'scripted:echo',
    maxTokens: 1_000,
    windDown: false,
    held,
    requestHash: 'hash',
    ...fields,
  },
});
const outcome = (told: { readonly kind: string }) =>
  aCommand('RecordModelOutcome', {
    epoch: 1,
    callId: 'm1',
    usage,
    outcome: told,
    context,
  } as never);
const answer = (text: string, ...calls: RequestedCall[]) =>
  outcome({ kind: 'answered', text, calls } as { readonly kind: 'answered' });
const settled = (told: AgentEventData<'ModelCallSettled'>['outcome']): AgentEvent => ({
  type: 'ModelCallSettled',
  data: { callId: 'm1', usage, outcome: told },
});
const await0 = { id: 'm1_0', name: 'await_agents', arguments: '{}' };
const waiting: AgentEvent[] = [
  ...running,
  childReserved(child, { limits: someLimits({ tokens: 10, costMicroUsd: 1, descendants: 0 }) }),
  asked(),
  settled({ kind: 'answered', text: '', toolCalls: [await0] }),
  {
    type: 'AwaitStarted',
    data: { toolCallId: 'm1_0', childIds: [child], mode: 'all', needed: 1 },
  },
  { type: 'AgentParked', data: { waitingFor: 'children' } },
];

function agent(state: AgentState) {
  if (!isSpawned(state)) throw new Error('no agent');
  return state;
}
const wordsOf = (state: AgentState) =>
  agent(state).conversation.map((entry) =>
    'text' in entry ? entry.text : 'content' in entry ? entry.content : entry.kind,
  );

describe('a message to an agent', () => {
  it('is received by one that is queued, runs or is paused, and changes nothing else', () => {
    const paused: AgentEvent = { type: 'AgentPaused', data: {} };
    for (const before of [[agentSpawned()], [...running, asked()], [agentSpawned(), paused]])
      given(...before)
        .when(send())
        .then(received());
  });

  it('is received once, whatever the agent has done since', () => {
    given(...running, received())
      .when(send())
      .changesNothing();
    given(...running, received(), asked())
      .when(send())
      .changesNothing();
    given(...running, received(), { type: 'AgentCompleted', data: { output: 'x' } })
      .when(send())
      .changesNothing();
  });

  it('is refused under the id of another one', () => {
    given(...running, received())
      .when(send({ text: 'in German' }))
      .rejects('IDEMPOTENCY_CONFLICT');
    given(...running, received(), asked())
      .when(send({ text: 'in German' }))
      .rejects('IDEMPOTENCY_CONFLICT');
  });

  it('is refused by an agent that has ended, and by none', () => {
    given(agentSpawned(), { type: 'AgentTerminated', data: { reason: 'enough' } })
      .when(send())
      .rejects('AGENT_ALREADY_ENDED');
    given().when(send()).rejects('AGENT_NOT_FOUND');
  });

  it('is refused while a hundred are unread, or more than 256 KiB', () => {
    const many = Array.from({ length: 100 }, (_, index) => received({ messageId: `m${index}` }));
    given(...running, ...many)
      .when(send())
      .rejects('LIMIT_MESSAGES');
    given(...running, ...many, asked())
      .when(send())
      .then(received());
    const large = { sha256: 'a'.repeat(64), bytes: 256 * 1024 - 8 };
    given(...running, received({ messageId: 'large', text: large }))
      .when(send())
      .rejects('LIMIT_MESSAGES');
  });
});

describe('the next model call of an agent with messages', () => {
  const start = aCommand('StartRun', {
    dispatchId: 1,
    workerId: 'worker-1',
    offered: null,
    rules: 1,
    keepsSlot: false,
    context,
  } as const);

  it('carries them in their order, and holds what they take', () => {
    const { when } = given(
      agentSpawned(),
      received(),
      received({ messageId: 'two', text: 'and short' }),
      agentAdmitted(),
    );
    when({ ...start, data: { ...start.data, dispatchId: 3 } }).thenState((state) => {
      const { conversationBytes, modelCall, unread } = agent(state);
      deepStrictEqual(wordsOf(state), ['in French', 'and short']);
      deepStrictEqual(unread, []);
      strictEqual(modelCall?.held.inputTokens, conversationBytes + 100);
    });
  });

  it('has them behind the results of the turn under way', () => {
    const progress = { id: 'm1_0', name: 'report_progress', arguments: '{}' };
    given(...running, asked(), received())
      .when(answer('so far', { kind: 'progress', call: progress, message: 'half' }))
      .thenState((state) => deepStrictEqual(wordsOf(state), ['so far', 'ok', 'in French']));
  });
});

describe('an agent that answers while a message has come in', () => {
  it('does not complete: it has one more turn, with the message', () => {
    given(...running, asked(), received())
      .when(answer('seven'))
      .thenState((state) => {
        strictEqual(agent(state).phase, 'running');
        strictEqual(agent(state).modelCall?.callId, 'm2');
        deepStrictEqual(wordsOf(state), ['seven', 'in French']);
      });
  });

  it('completes when the call had carried it', () => {
    given(...running, received(), asked())
      .when(answer('seven'))
      .then(settled({ kind: 'answered', text: 'seven', toolCalls: [] }), {
        type: 'AgentCompleted',
        data: { output: 'seven' },
      });
  });
});

describe('an agent that waits for its children', () => {
  const ended: AgentEvent[] = [
    { type: 'AwaitEnded', data: { toolCallId: 'm1_0', reason: 'message' } },
    { type: 'AgentWoken', data: { reason: 'message' } },
  ];

  it('waits on, and reads the message when it wakes', () => {
    given(...waiting)
      .when(send())
      .then(received());
    given(...waiting, received())
      .when(aCommand('RecordChildEnded', childEnded(child).data))
      .then(
        childEnded(child),
        { type: 'AwaitEnded', data: { toolCallId: 'm1_0', reason: 'met' } },
        { type: 'AgentWoken', data: { reason: 'children' } },
      );
  });

  it('is woken by one that is not to wait; its children go on', () => {
    given(...waiting)
      .when(send({ interrupts: true }))
      .then(received({ interrupts: true }), ...ended);
  });

  it('still waits for an answer about a call in doubt', () => {
    const doubted: AgentEvent[] = [
      ...running,
      asked(),
      settled({
        kind: 'answered',
        text: '',
        toolCalls: [{ id: 'm1_0', name: 'mail__send', arguments: '{}' }],
      }),
      { type: 'ToolCallInDoubt', data: { toolCallId: 'm1_0', reason: 'it broke off' } },
      { type: 'AgentParked', data: { waitingFor: 'input' } },
    ];
    given(...doubted)
      .when(send({ interrupts: true }))
      .then(received({ interrupts: true }));
  });

  it('does not begin to wait when such a message came while the model was asked', () => {
    given(...running, childReserved(child), asked(), received({ interrupts: true }))
      .when(answer('', { kind: 'await', call: await0, mode: 'all' }))
      .thenState((state) => {
        strictEqual(agent(state).phase, 'running');
        deepStrictEqual(wordsOf(state), ['', 'childReports', 'in French']);
      });
  });
});

describe('an agent that waits for a message', () => {
  const call = { id: 'm1_0', name: 'await_message', arguments: '{}' };
  const deadlineMs = BUILT_AT_MS + 10;
  const wait: RequestedCall = { kind: 'awaitMessage', call, deadlineMs };
  const started: AgentEvent = {
    type: 'AwaitStarted',
    data: { toolCallId: 'm1_0', childIds: [], mode: 'any', needed: 1, deadlineMs },
  };
  const begun = settled({ kind: 'answered', text: '', toolCalls: [call] });
  const parked: AgentEvent = { type: 'AgentParked', data: { waitingFor: 'message' } };
  const over = (reason: 'message' | 'deadline', woken: 'message' | 'timer'): AgentEvent[] => [
    { type: 'AwaitEnded', data: { toolCallId: 'm1_0', reason } },
    { type: 'AgentWoken', data: { reason: woken } },
  ];

  it('parks, and is woken by any', () => {
    given(...running, asked())
      .when(answer('', wait))
      .then(begun, started, parked);
    given(...running, asked(), begun, started, parked)
      .when(send())
      .then(received(), ...over('message', 'message'));
  });

  it('does not wait when one is there', () => {
    given(...running, asked(), received())
      .when(answer('', wait))
      .thenState((state) => {
        strictEqual(agent(state).phase, 'running');
        deepStrictEqual(wordsOf(state), ['', 'childReports', 'in French']);
      });
  });

  it('goes on without one when its time is over', () => {
    given(...running, asked(), begun, started, parked)
      .when(aCommand('EndAwait', { toolCallId: 'm1_0' }, { nowMs: deadlineMs }))
      .then(...over('deadline', 'timer'));
  });
});

describe('a model call that was cut off for a message', () => {
  it('is settled, and the next one carries the message', () => {
    given(...running, asked(), received({ interrupts: true }))
      .when(outcome({ kind: 'interrupted' }))
      .thenState((state) => {
        const { failedAttempts, modelCall, spent } = agent(state);
        deepStrictEqual(wordsOf(state), ['in French']);
        deepStrictEqual(spent, { ...usage, descendants: 0 });
        strictEqual(failedAttempts, 0);
        strictEqual(modelCall?.callId, 'm2');
      });
  });
});

describe('who says a message', () => {
  const parentId = anAgentId(9);
  const from = (agentId: typeof child, name?: string): Message['from'] => ({
    kind: 'agent',
    agentId,
    ...(name !== undefined && { name }),
  });
  const senderOf = (data: Partial<Message>) => {
    let sender: unknown;
    given(agentSpawned({ agentId: child, parentId }), childReserved(anAgentId(3)))
      .when(send(data))
      .thenState((state) => (sender = agent(state).unread[0]?.from));
    return sender;
  };

  it('is kept with it, but not which person', () => {
    deepStrictEqual(senderOf({}), { kind: 'client' });
    deepStrictEqual(senderOf({ from: from(parentId) }), {
      kind: 'agent',
      agentId: parentId,
      is: 'parent',
    });
    deepStrictEqual(senderOf({ from: from(anAgentId(3), 'the\n scout') }), {
      kind: 'agent',
      agentId: anAgentId(3),
      is: 'child',
      name: 'the scout',
    });
    deepStrictEqual(senderOf({ from: from(anAgentId(4)) }), {
      kind: 'agent',
      agentId: anAgentId(4),
      is: 'sibling',
    });
  });
});

describe('an agent that sends a message', () => {
  const parentId = anAgentId(9);
  const [first, second] = [anAgentId(2), anAgentId(3)];
  const few = { limits: someLimits({ tokens: 10, costMicroUsd: 1, descendants: 0 }) };
  const family = [childReserved(first, few), childReserved(second, few), childEnded(second)];
  const call = { id: 'm1_0', name: 'send_message', arguments: '{}' };
  const after = (to: string, before: readonly AgentEvent[], isChild = true) => {
    const spawned = isChild ? agentSpawned({ agentId: anAgentId(5), parentId }) : agentSpawned();
    let events: readonly AgentEvent[] = [];
    given(spawned, ...running.slice(1), ...before, asked())
      .when(answer('', { kind: 'message', call, to, text: 'hello', interrupts: true }))
      .thenEvents((decided) => (events = decided));
    return events.slice(1, -1).map((event) => withoutCause(event) as AgentEvent);
  };
  const sent = (to: readonly (typeof first)[], sender = anAgentId(5)): AgentEvent[] => [
    {
      type: 'MessageSent',
      data: {
        messageId: `${sender}:m1_0`,
        toolCallId: 'm1_0',
        to: [...to],
        text: 'hello',
        interrupts: true,
      },
    },
    { type: 'ToolCallSettled', data: { toolCallId: 'm1_0', content: 'ok', isError: false } },
  ];

  it('tells its parent, a child, or all children that have not ended', () => {
    deepStrictEqual(after('parent', []), sent([parentId]));
    deepStrictEqual(after(parentId, []), sent([parentId]));
    deepStrictEqual(after(first, family), sent([first]));
    deepStrictEqual(after('children', family), sent([first]));
  });

  it('tells siblings that run, whom it is told of, and no more than 64', () => {
    const siblings = Array.from({ length: 65 }, (_, at) => anAgentId(100 + at));
    const told = (to: string, known: typeof siblings) => {
      let events: readonly AgentEvent[] = [];
      given(agentSpawned({ parentId }), ...running.slice(1), asked())
        .when(
          answer('', { kind: 'message', call, to, siblings: known, text: 'x', interrupts: false }),
        )
        .thenEvents((decided) => (events = decided));
      const settled = events.find(({ type }) => type === 'ToolCallSettled')?.data;
      const sentTo = events.find(({ type }) => type === 'MessageSent')?.data;
      return {
        to: sentTo && 'to' in sentTo ? sentTo.to : [],
        content: settled && 'content' in settled ? settled.content : undefined,
      };
    };
    const [one = child, two = child] = siblings;
    deepStrictEqual(told('siblings', [one, two]), {
      to: [one, two],
      content: `ok, to ${one}, ${two}`,
    });
    deepStrictEqual(told(one, [one, two]), { to: [one], content: 'ok' });
    deepStrictEqual(told('siblings', siblings.slice(1)).to, siblings.slice(1));
    const tooMany = told('siblings', siblings);
    deepStrictEqual(tooMany.to, []);
    strictEqual(JSON.stringify(tooMany.content).includes('TOO_MANY_RECEIVERS'), true);
    deepStrictEqual(told('siblings', []), { to: [], content: 'No sibling of yours runs.' });
  });

  it.each([
    ['parent', [], false],
    ['children', [], true],
    ['children', family.slice(1), true],
    [second, family, true],
    [anAgentId(7), family, true],
  ])('is told at once when that reaches nobody: %s', (to, before, isChild) => {
    const events = after(to, before, isChild);
    strictEqual(events.length, 1);
    strictEqual(events[0]?.type === 'ToolCallSettled' && events[0].data.isError, true);
  });
});
