import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  storedAgentEvents,
  streamNames,
  type AgentEvent,
  type AgentId,
  type AgentRow,
} from '@skynet/contracts';
import { agentRowProjection } from '@skynet/domain-agents';
import { MemoryEventStore, MemoryLog, silentLogger, type StoredEvent } from '@skynet/platform';
import {
  agentAdmitted,
  agentSpawned,
  anAgentId,
  eventually,
  ManualClock,
  RecordingTracing,
  runStarted,
  type RecordedSpan,
} from '@skynet/testing';
import type { AgentCommit, AgentRecord } from '../log/agent-commit.js';
import { agentContext, inTraceOf, toolSpanId } from '../telemetry/agent-spans.js';
import { AgentTraces } from './agent-traces.js';

const CLIENT = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`;
const BORN_MS = Date.UTC(2026, 0, 1);
const root = anAgentId(1);
const child = anAgentId(2);

let clock: ManualClock;
let tracing: RecordingTracing;
let memory: MemoryLog;
let rows: Map<AgentId, AgentRow>;
let traces: AgentTraces;
/** All commits, for one who reads them again. */
let commits: AgentCommit[];
let heardMs: number | undefined;

beforeEach(() => {
  clock = new ManualClock();
  memory = new MemoryLog();
  rows = new Map();
  commits = [];
  heardMs = undefined;
  ({ tracing, traces } = replica());
  traces.lead();
});

function replica() {
  const spans = new RecordingTracing();
  const made = new AgentTraces({
    tracing: spans,
    store: new MemoryEventStore(memory),
    index: { get: (agentId) => rows.get(agentId) },
    clock,
    leases: { lastHeardMs: () => heardMs },
    log: silentLogger,
  });
  return { tracing: spans, traces: made };
}

/** One commit of the agent, so long after the beginning. */
function happens(agentId: AgentId, atMs: number, ...events: AgentEvent[]): Promise<void> {
  const commit = commitOf(agentId, atMs, events);
  commits.push(commit);
  traces.handle(commit);
  return Promise.resolve();
}

function commitOf(agentId: AgentId, atMs: number, events: readonly AgentEvent[]): AgentCommit {
  const stream = streamNames.agent(agentId);
  const first = (rows.get(agentId)?.revision ?? -1) + 1;
  const id = `${stream}:${first}`;
  const records = events.map((event, index): AgentRecord => {
    const metadata = {
      ...{ correlationId: root, causationId: id, tenant: 'acme', principal: 'alice', epoch: 0 },
      ...{ traceparent: CLIENT, commit: { id, index, size: events.length } },
    };
    const place = { id: `${id}:${index}`, stream, revision: first + index };
    return { ...event, ...place, timeMs: BORN_MS + atMs, metadata };
  });
  for (const record of records) {
    const row = agentRowProjection.evolve(rows.get(agentId), record);
    if (row !== undefined) rows.set(agentId, row);
  }
  const revision = first + events.length - 1;
  const position = memory.nextPosition;
  memory.add({ stream, id, revision, position, events: records.map(asStored) });
  return { stream, id, revision, position: position, events: records };
}

function asStored(record: AgentRecord): StoredEvent {
  return { ...record, version: storedAgentEvents.versionOf(record.type) };
}

const spawned = (agentId: AgentId, fields: object = {}) =>
  agentSpawned({ agentId, rootId: root, ...fields });
const parked: AgentEvent = { type: 'AgentParked', data: { waitingFor: 'children' } };
const completed: AgentEvent = { type: 'AgentCompleted', data: { output: 'done' } };
const usage = { inputTokens: 3, outputTokens: 2, costMicroUsd: 7 };
const asked = (callId: string): AgentEvent => ({
  type: 'ModelCallStarted',
  data: {
    ...{ callId, attempt: 1, model: 'scripted:echo', maxTokens: 10, windDown: false },
    ...{ held: usage, requestHash: 'x' },
  },
});
const named = (name: string, among = tracing) => among.spans.filter((span) => span.name === name);
const lengthOf = ({ startMs = 0, endMs = 0 }: RecordedSpan) => [startMs - BORN_MS, endMs - BORN_MS];

describe('the span of an agent', () => {
  it('is one, as long as the agent, when it ends soon', async () => {
    await happens(root, 0, spawned(root), agentAdmitted(), runStarted());
    await happens(root, 300, completed);
    await clock.advance(5_000);
    expect(tracing.spans.map(({ name }) => name)).toEqual(['invoke_agent count the stars']);
    const [life] = tracing.spans;
    expect(life && lengthOf(life)).toEqual([0, 300]);
    expect(life).toMatchObject({ parent: CLIENT, traceparent: agentContext(CLIENT, root) });
    expect(life?.events.map(({ name, atMs = 0 }) => [name, atMs - BORN_MS])).toEqual([
      ['agent queued', 0],
      ['agent admitted', 0],
    ]);
  });

  it('is there before a second is over, and the whole life beside it in the end', async () => {
    await happens(root, 0, spawned(root), agentAdmitted(), runStarted());
    await clock.advance(400);
    expect(named('create_agent count the stars')).toMatchObject([
      { parent: CLIENT, traceparent: agentContext(CLIENT, root), isEnded: true },
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
    expect(tracing.spans[1]?.traceparent).toBe(agentContext(CLIENT, child));
  });

  it('stands straight below that of its parent, and is linked to the call that has made it', async () => {
    await happens(root, 0, spawned(root));
    await happens(child, 10, spawned(child, { parentId: root, depth: 1 }));
    await happens(child, 20, completed);
    expect(named('invoke_agent count the stars')).toMatchObject([
      { parent: agentContext(CLIENT, root), links: [CLIENT] },
    ]);
  });

  it.each<[string, AgentEvent, object]>([
    [
      'failed',
      {
        type: 'AgentFailed',
        data: { failure: { reason: 'MODEL_FAILED', message: 'no credit', retryable: false } },
      },
      { type: 'model_failed', message: 'MODEL_FAILED: no credit' },
    ],
    ['expired', { type: 'AgentExpired', data: {} }, { type: 'deadline' }],
    ['exhausted', { type: 'AgentExhausted', data: { limit: 'tokens' } }, { type: 'budget' }],
  ])('is red when it %s, and says why', async (status, end, error) => {
    await happens(root, 0, spawned(root));
    await happens(root, 10, end);
    expect(tracing.spans).toMatchObject([{ error, attributes: { 'skynet.agent.status': status } }]);
  });

  it('says what happened outside of runs, and who did it, as long as there is room', async () => {
    await happens(root, 0, spawned(root));
    for (let times = 0; times < 50; times += 1) {
      await happens(root, times, { type: 'AgentPaused', data: {} });
      await happens(root, times, { type: 'AgentResumed', data: {} });
    }
    await happens(root, 99, { type: 'AgentTerminated', data: { reason: 'enough' } });
    const [life] = tracing.spans;
    expect(life?.error).toBeUndefined();
    expect(life?.events).toHaveLength(64);
    expect(life?.events[1]).toMatchObject({
      name: 'agent paused',
      attributes: { 'skynet.principal': 'alice' },
    });
    expect(life?.attributes).toMatchObject({ 'skynet.events.left_out': 38 });
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
      parent: agentContext(CLIENT, root),
      traceparent: agentContext(CLIENT, child),
      links: [inTraceOf(CLIENT, toolSpanId(root, 'm1_0', 1))],
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
    for (const commit of commits) traces.handle(commit);
    expect(tracing.spans).toHaveLength(2);
  });

  it('is told by who leads next', async () => {
    const next = replica();
    await happens(root, 0, spawned(root));
    await happens(root, 10, reserved);
    await happens(root, 20, terminated);
    await happens(child, 30, refused);
    for (const commit of commits) next.traces.handle(commit);
    next.traces.lead();
    for (const commit of commits.slice(-1)) next.traces.handle(commit);
    expect(next.tracing.spans.map(({ error }) => error?.type)).toEqual(['refused']);
  });

  it('is no span for one that has begun, nor where the trace is not sampled', async () => {
    await happens(root, 0, spawned(root));
    await happens(root, 10, reserved);
    await happens(child, 20, spawned(child, { parentId: root, depth: 1 }), completed);
    const other = anAgentId(3);
    const unsampled = commitOf(root, 30, [
      { ...reserved, data: { ...reserved.data, childId: other } },
    ]);
    for (const { metadata } of unsampled.events)
      Object.assign(metadata, { traceparent: CLIENT.replace(/01$/, '00') });
    traces.handle(unsampled);
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
      links: [agentContext(CLIENT, child)],
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
  const began = (epoch: number) => runStarted({ epoch, workerId: `worker-${epoch}` });

  it('ends when that was heard last, with the calls that were under way, twice in a row', async () => {
    await happens(root, 0, spawned(root), agentAdmitted(), began(1), asked('m1'));
    heardMs = BORN_MS + 10_300;
    const outcome = { kind: 'lost' } as const;
    const lost: AgentEvent = {
      type: 'ModelCallSettled',
      data: { callId: 'm1', usage, outcome },
    };
    await happens(root, 15_000, began(2), lost, asked('m2'));
    heardMs = undefined;
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

describe('what is sent', () => {
  it('is nothing of agents whose trace is not sampled, and nothing by one who does not lead', async () => {
    const follower = replica();
    const unsampled = commitOf(root, 0, [spawned(root), completed]);
    for (const { metadata } of unsampled.events)
      Object.assign(metadata, { traceparent: CLIENT.replace(/01$/, '00') });
    traces.handle(unsampled);
    follower.traces.handle(commitOf(child, 0, [spawned(child), completed]));
    await clock.advance(1_000);
    expect([tracing.spans, follower.tracing.spans]).toEqual([[], []]);
  });

  it('is told by who leads next, when it reads the end again', async () => {
    const next = replica();
    await happens(root, 0, spawned(root));
    await happens(root, 5_000, agentAdmitted());
    await happens(root, 9_000, completed);
    for (const commit of commits) next.traces.handle(commit);
    expect(next.tracing.spans).toEqual([]);
    next.traces.lead();
    for (const commit of commits.slice(1)) next.traces.handle(commit);
    expect(next.tracing.spans.map(({ name }) => name)).toEqual([
      'queued',
      'invoke_agent count the stars',
    ]);
  });

  it('is sent once, also when all of the log is read again', async () => {
    await happens(root, 0, spawned(root), agentAdmitted(), runStarted());
    await happens(root, 300, completed);
    for (const commit of commits) traces.handle(commit);
    expect(tracing.spans).toHaveLength(1);
    const next = replica();
    next.traces.lead();
    await clock.advance(16 * 60_000);
    for (const commit of commits) next.traces.handle(commit);
    expect(next.tracing.spans).toEqual([]);
  });

  it('is told from row and first event by one who began to read later', async () => {
    await happens(root, 0, spawned(root));
    const later = replica();
    later.traces.lead();
    await happens(root, 70_000, completed);
    const end = commits.at(-1);
    if (end !== undefined) later.traces.handle(end);
    await eventually(() => expect(later.tracing.spans).toHaveLength(1));
    expect(later.tracing.spans).toMatchObject([
      {
        name: 'invoke_agent count the stars',
        parent: CLIENT,
        attributes: { 'gen_ai.agent.id': root },
      },
    ]);
    expect(later.tracing.spans.map(lengthOf)).toEqual([[0, 70_000]]);
  });
});
