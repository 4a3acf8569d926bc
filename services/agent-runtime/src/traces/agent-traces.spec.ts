import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentEvent, AgentId } from '@skynet/contracts';
import { agentSpanId } from '@skynet/platform';
import {
  agentAdmitted,
  agentSpawned,
  anAgentId,
  runStarted,
  ManualClock,
  RecordingTracing,
  someLimits,
} from '@skynet/testing';
import { toolSpanId } from '../telemetry/agent-spans.js';
import {
  asked,
  BORN_MS,
  CLIENT,
  completed,
  lengthOf,
  parked,
  TracedAgents,
  traceparentOf,
  UNSAMPLED,
  usage,
} from '../testing/traced-agents.js';

const root = anAgentId(1);
const child = anAgentId(2);
const began = (epoch: number) => runStarted({ epoch, workerId: `worker-${epoch}` });
const spawned = (agentId: AgentId, fields: object = {}) =>
  agentSpawned({ agentId, rootId: root, ...fields });

let agents: TracedAgents<RecordingTracing>;
let clock: ManualClock;
let tracing: RecordingTracing;

beforeEach(() => {
  clock = new ManualClock();
  agents = new TracedAgents(clock, () => new RecordingTracing());
  ({ tracing } = agents.leader);
});

const happens: TracedAgents<RecordingTracing>['happens'] = (...commit) => agents.happens(...commit);
const named = (name: string) => tracing.spans.filter((span) => span.name === name);

describe('the span of an agent', () => {
  it('is one, as long as the agent, when it ends soon', async () => {
    await happens(root, 0, spawned(root), agentAdmitted(), runStarted());
    await happens(root, 300, completed);
    await clock.advance(5_000);
    expect(tracing.spans.map(({ name }) => name)).toEqual(['invoke_agent count the stars']);
    const [life] = tracing.spans;
    expect(life && lengthOf(life)).toEqual([0, 300]);
    expect(life).toMatchObject({ parent: CLIENT, traceparent: traceparentOf(agentSpanId(root)) });
    expect(life?.events.map(({ name, atMs = 0 }) => [name, atMs - BORN_MS])).toEqual([
      ['agent queued', 0],
      ['agent admitted', 0],
    ]);
  });

  it('is there before a second is over, and the whole life beside it in the end', async () => {
    await happens(root, 0, spawned(root), agentAdmitted(), runStarted());
    await clock.advance(400);
    expect(named('create_agent count the stars')).toMatchObject([
      { parent: CLIENT, traceparent: traceparentOf(agentSpanId(root)), isEnded: true },
    ]);
    await happens(root, 60_000, completed);
    const [life] = named('invoke_agent count the stars');
    expect(life && lengthOf(life)).toEqual([0, 60_000]);
    expect(life?.parent).toBe(CLIENT);
    expect(new Set(tracing.spans.map(({ traceparent }) => traceparent)).size).toBe(2);
  });

  it('is one for each that ends soon, also beside others that have lived on', async () => {
    await happens(root, 0, spawned(root), agentAdmitted(), runStarted());
    await clock.advance(300);
    await happens(child, 300, spawned(child, { parentId: root, depth: 1 }), agentAdmitted());
    await clock.advance(200);
    await happens(child, 500, completed);
    await clock.advance(1_000);
    expect(
      tracing.spans.map(({ name, attributes }) => [name, attributes['gen_ai.agent.id']]),
    ).toEqual([
      ['create_agent count the stars', root],
      ['invoke_agent count the stars', child],
    ]);
    expect(tracing.spans[1]?.traceparent).toBe(traceparentOf(agentSpanId(child)));
  });

  it('stands beside its start, also among others that were born in the same millisecond', async () => {
    const others = [anAgentId(3), anAgentId(4)];
    await happens(root, 0, spawned(root), agentAdmitted());
    for (const each of others) {
      await happens(each, 50, spawned(each, { parentId: root, depth: 1 }), agentAdmitted());
    }
    await clock.advance(500);
    for (const each of others.toReversed()) await happens(each, 900, completed);
    await happens(root, 1_000, completed);
    const shown = tracing.spans.toSorted((a, b) => (a.startMs ?? 0) - (b.startMs ?? 0));
    expect(
      shown.map(({ name, attributes }) => [name.split(' ')[0], attributes['gen_ai.agent.id']]),
    ).toEqual(
      [root, ...others].flatMap((each) => [
        ['invoke_agent', each],
        ['create_agent', each],
      ]),
    );
  });

  it('stands straight below that of its parent, and is linked to the call that has made it', async () => {
    await happens(root, 0, spawned(root));
    await happens(child, 10, spawned(child, { parentId: root, depth: 1 }));
    await happens(child, 20, completed);
    expect(named('invoke_agent count the stars')).toMatchObject([
      { parent: traceparentOf(agentSpanId(root)), links: [CLIENT] },
    ]);
  });

  it.each<[string, string, AgentEvent, object]>([
    [
      'failed',
      'failed MODEL_FAILED',
      {
        type: 'AgentFailed',
        data: { failure: { reason: 'MODEL_FAILED', message: 'no credit', retryable: false } },
      },
      { type: 'model_failed', message: 'MODEL_FAILED: no credit' },
    ],
    ['expired', 'expired', { type: 'AgentExpired', data: {} }, { type: 'deadline' }],
    [
      'exhausted',
      'exhausted tokens',
      { type: 'AgentExhausted', data: { limit: 'tokens' } },
      { type: 'budget' },
    ],
  ])(
    'is red when it %s, and says why, in a row "%s" below it',
    async (status, name, end, error) => {
      await happens(root, 0, spawned(root));
      await happens(root, 10, end);
      const attributes = { 'gen_ai.agent.id': root };
      expect(tracing.spans).toMatchObject([
        { error, attributes: { ...attributes, 'skynet.agent.status': status } },
        { name, error, attributes, parent: traceparentOf(agentSpanId(root)), isEnded: true },
      ]);
      expect(tracing.spans.map(({ endMs = 0 }) => endMs - BORN_MS)).toEqual([10, 10]);
    },
  );

  it('has the row below its whole life, where it lived on', async () => {
    await happens(root, 0, spawned(root), agentAdmitted());
    await clock.advance(500);
    await happens(root, 600, { type: 'AgentExpired', data: {} });
    const [start, life, row] = tracing.spans;
    expect([start?.error, row?.name, row?.parent]).toEqual([
      undefined,
      'expired',
      life?.traceparent,
    ]);
  });

  it('says what happened outside of runs, and who did it, as long as there is room', async () => {
    await happens(root, 0, spawned(root));
    for (let times = 0; times < 50; times += 1) {
      await happens(root, times, { type: 'AgentPaused', data: {} });
      await happens(root, times, { type: 'AgentResumed', data: {} });
    }
    await happens(root, 99, { type: 'AgentTerminated', data: { reason: 'enough' } });
    const [life, ...others] = tracing.spans;
    expect([life?.error, others]).toEqual([undefined, []]);
    expect(life?.events).toHaveLength(64);
    expect(life?.events[1]).toMatchObject({
      name: 'agent paused',
      attributes: { 'skynet.principal': 'alice' },
    });
    expect(life?.attributes).toMatchObject({ 'skynet.events.left_out': 38 });
  });

  it('says that its conversation became smaller', async () => {
    const data = { kind: 'results', entries: 2, contextTokens: 32_000 } as const;
    await happens(root, 0, spawned(root), { type: 'ConversationCompacted', data });
    await happens(root, 10, { type: 'AgentExpired', data: {} });
    expect(tracing.spans[0]?.events).toContainEqual(
      expect.objectContaining({
        name: 'agent compacted',
        attributes: { 'skynet.conversation.compacted_to': 'results' },
      }),
    );
  });
});

describe('a model that is chosen', () => {
  it('stands on the span of its agent, with the first reason', async () => {
    const price = { inputMicroUsdPerMillion: 1, outputMicroUsdPerMillion: 1 };
    const data = {
      model: { id: 'a:b', maxTokens: 1, price },
      reasons: ['a small model is wanted', 'simple work'],
      refused: [],
      estimate: { turns: 1, costMicroUsd: 1 },
    };
    await happens(root, 0, spawned(root), { type: 'ModelChosen', data });
    await happens(root, 10, completed);
    const told = tracing.spans[0]?.events.find(({ name }) => name === 'agent model');
    expect(told?.attributes).toMatchObject({
      'gen_ai.request.model': 'a:b',
      'skynet.agent.reason': 'a small model is wanted',
    });
  });
});

describe('more for an agent', () => {
  it('stands on its span, with who asked for it', async () => {
    const data = { add: { tokens: 5 }, limits: someLimits(), by: 'alice' };
    await happens(root, 0, spawned(root));
    await happens(root, 5, { type: 'LimitsExtended', data });
    await happens(root, 10, completed);
    const told = tracing.spans[0]?.events.find(({ name }) => name === 'agent extended');
    expect(told).toMatchObject({ attributes: { 'skynet.principal': 'alice' } });
  });
});

describe('a message to an agent', () => {
  it('stands on its span, with who sent it and none of its words', async () => {
    const from = { kind: 'client', principal: 'alice' } as const;
    const data = { messageId: 'm', from, text: 'in French', interrupts: false };
    await happens(root, 0, spawned(root));
    await happens(root, 5, { type: 'MessageReceived', data });
    await happens(root, 10, completed);
    const told = tracing.spans[0]?.events.find(({ name }) => name === 'agent message');
    expect(told).toMatchObject({ attributes: { 'skynet.principal': 'alice' } });
    expect(JSON.stringify(tracing.spans)).not.toContain('in French');
  });
});

describe('a child that never began, for its parent had ended', () => {
  const { spec, limits } = spawned(child).data;
  const reserved: AgentEvent = {
    type: 'ChildReserved',
    data: { childId: child, toolCallId: 'm1_0', depth: 1, spec, limits },
  };
  const refused: AgentEvent = { type: 'AgentRefused', data: { reason: 'parent terminated' } };
  const terminated: AgentEvent = { type: 'AgentTerminated', data: { reason: 'enough' } };

  it('is a red span below its parent, as long as it was reserved, and says why', async () => {
    await happens(root, 0, spawned(root), agentAdmitted(), runStarted());
    await happens(root, 10, reserved);
    await happens(root, 20, terminated);
    await happens(child, 30, refused);
    const [, span] = tracing.spans;
    expect(span && lengthOf(span)).toEqual([10, 30]);
    expect(span).toMatchObject({
      name: 'invoke_agent count the stars',
      parent: traceparentOf(agentSpanId(root)),
      traceparent: traceparentOf(agentSpanId(child)),
      links: [traceparentOf(toolSpanId(root, 'm1_0', 1))],
      error: { type: 'refused', message: 'it never began: parent terminated' },
      attributes: {
        'gen_ai.agent.id': child,
        'skynet.agent.parent_id': root,
        'skynet.agent.root_id': root,
        'skynet.agent.depth': 1,
        'skynet.agent.reason': 'parent terminated',
        'skynet.tenant': 'acme',
      },
    });
    for (const commit of agents.commits) agents.leader.traces.handle(commit);
    expect(tracing.spans).toHaveLength(2);
  });

  it('is told by who leads next', async () => {
    const next = agents.replica();
    await happens(root, 0, spawned(root));
    await happens(root, 10, reserved);
    await happens(root, 20, terminated);
    await happens(child, 30, refused);
    for (const commit of agents.commits) next.traces.handle(commit);
    next.traces.lead();
    for (const commit of agents.commits.slice(-1)) next.traces.handle(commit);
    expect(next.tracing.spans.map(({ error }) => error?.type)).toEqual(['refused']);
  });

  it('is no span for one that has begun, nor where the trace is not sampled', async () => {
    await happens(root, 0, spawned(root));
    await happens(root, 10, reserved);
    await happens(child, 20, spawned(child, { parentId: root, depth: 1 }), completed);
    const other = anAgentId(3);
    const unreserved = { ...reserved, data: { ...reserved.data, childId: other } };
    agents.leader.traces.handle(agents.commit(root, 30, [unreserved], UNSAMPLED));
    await happens(other, 40, refused);
    expect(tracing.spans.filter(({ error }) => error !== undefined)).toEqual([]);
  });
});

describe('times in which nobody has the agent', () => {
  it('are spans: in the queue, and waiting for its children', async () => {
    await happens(root, 0, spawned(root));
    await happens(root, 5_000, agentAdmitted(), runStarted());
    const wait = { toolCallId: 'w', childIds: [child], mode: 'all' as const, needed: 1 };
    await happens(root, 5_100, { type: 'AwaitStarted', data: wait }, parked);
    await happens(
      root,
      35_000,
      { type: 'AwaitEnded', data: { toolCallId: 'w', reason: 'met' } },
      { type: 'AgentWoken', data: { reason: 'children' } },
    );
    expect(named('queued').map(lengthOf)).toEqual([[0, 5_000]]);
    const [awaited] = named('execute_tool w');
    expect(awaited && lengthOf(awaited)).toEqual([5_100, 35_000]);
    expect(awaited).toMatchObject({
      links: [traceparentOf(agentSpanId(child))],
      attributes: { 'skynet.wait.agent_ids': [child], 'skynet.wait.ended_by': 'met' },
    });
  });

  it('end with the agent', async () => {
    await happens(root, 0, spawned(root), agentAdmitted(), runStarted());
    const data = { waitingFor: 'provider', untilMs: BORN_MS + 90_000 } as const;
    await happens(root, 1_000, { type: 'AgentParked', data });
    await happens(root, 9_000, { type: 'AgentExpired', data: {} });
    expect(named('wait for provider')).toMatchObject([
      { attributes: { 'skynet.wait.until': '2026-01-01T00:01:30.000Z' } },
    ]);
    expect(named('wait for provider').map(lengthOf)).toEqual([[1_000, 9_000]]);
  });
});

describe('a run whose worker is lost', () => {
  it('ends when that was heard last, with the calls that were under way, twice in a row', async () => {
    await happens(root, 0, spawned(root), agentAdmitted(), began(1), asked('m1'));
    agents.heardMs = BORN_MS + 10_300;
    const outcome = { kind: 'lost' } as const;
    const lost: AgentEvent = {
      type: 'ModelCallSettled',
      data: { callId: 'm1', usage, outcome },
    };
    await happens(root, 15_000, began(2), lost, asked('m2'));
    agents.heardMs = undefined;
    await happens(root, 30_000, began(3));
    expect(tracing.spans.map((span) => [span.name, ...lengthOf(span), span.error?.type])).toEqual([
      ['run 1', 0, 10_300, 'worker_lost'],
      ['chat scripted:echo', 0, 10_300, 'worker_lost'],
      ['run 2', 15_000, 30_000, 'worker_lost'],
      ['chat scripted:echo', 15_000, 30_000, 'worker_lost'],
    ]);
    expect(tracing.spans.map((span) => tracing.parentOf(span)?.name)).toEqual([
      undefined,
      'run 1',
      undefined,
      'run 2',
    ]);
  });

  it.each([
    ['had not been heard for long', 10_300, ['run 1', 'chat scripted:echo']],
    ['was heard just now, and tells by itself', 14_000, []],
  ])('ends when its agent does, where the worker %s', async (_title, heardAtMs, told) => {
    await happens(root, 0, spawned(root), agentAdmitted(), began(1), asked('m1'));
    agents.heardMs = BORN_MS + heardAtMs;
    await happens(root, 15_000, { type: 'AgentExpired', data: {} });
    expect(tracing.spans.map(({ name }) => name)).toEqual([
      ...told,
      'invoke_agent count the stars',
      'expired',
    ]);
  });

  it('has the tool calls that were under way as well', async () => {
    const toolCalls = [{ id: 'm1_0', name: 'files__read', arguments: '{}' }];
    const outcome = { kind: 'answered', text: '', toolCalls } as const;
    await happens(root, 0, spawned(root), agentAdmitted(), began(1), asked('m1'));
    await happens(
      root,
      100,
      { type: 'ModelCallSettled', data: { callId: 'm1', usage, outcome } },
      { type: 'ToolCallStarted', data: { toolCallId: 'm1_0', attempt: 1, recovery: 'retry' } },
    );
    await happens(root, 9_000, began(2));
    expect(tracing.spans.map((span) => [span.name, ...lengthOf(span)])).toEqual([
      ['run 1', 0, 9_000],
      ['execute_tool files__read', 100, 9_000],
    ]);
  });
});
