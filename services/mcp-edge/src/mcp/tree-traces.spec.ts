import { beforeEach, describe, expect, it } from '@jest/globals';
import { spawnAgentTool, pauseAgentTool, rejection } from '@skynet/contracts';
import {
  agentSpanId,
  MemoryBroker,
  MemoryMessageBus,
  silentLogger,
  systemClock,
} from '@skynet/platform';
import { agentIdNamed } from '../testing/agent-rows.js';
import { ViewQueries } from '../views/view-queries.js';
import { TreeTraces, type AnsweredCall } from './tree-traces.js';

const TRACE = 'a'.repeat(32);
const traceparent = (flags: string) => `00-${TRACE}-${'b'.repeat(16)}-${flags}`;
const [agentId, rootId] = [agentIdNamed('one'), agentIdNamed('root')];
const spanId = agentSpanId(agentId);

let asked: unknown[];
let first: string | undefined;
let found: boolean;
let bus: MemoryMessageBus;
let stopServing: () => void;

beforeEach(() => {
  asked = [];
  [first, found] = [traceparent('01'), true];
  bus = new MemoryMessageBus(new MemoryBroker());
  serve();
});

function serve(): void {
  stopServing = bus.serve('q.views.events', 'owner', ({ data }) => {
    asked.push(data);
    const event = { revision: 0, type: 'AgentSpawned', timeMs: 1, epoch: 0, traceparent: first };
    return Promise.resolve({ found, events: found ? [{ ...event, data: {} }] : [] });
  });
}

function traces(settings: { isTraced?: boolean; jaegerUrl?: string } = {}): TreeTraces {
  const queries = new ViewQueries(bus, systemClock);
  return new TreeTraces({ isTraced: true, ...settings }, { queries, log: silentLogger });
}

const CALL: AnsweredCall = { contract: pauseAgentTool, tenant: 'acme', traceparent: undefined };
const answer = { output: { agentId, rootId, status: 'paused' } };

describe('the trace of a tree', () => {
  it('stands in the first event of its root, which is asked for once', async () => {
    const known = traces();
    expect(await known.of(answer, CALL)).toEqual({ traceId: TRACE, spanId });
    await known.of(answer, CALL);
    expect(asked).toEqual([{ tenant: 'acme', agentId: rootId, from: 0, limit: 1 }]);
  });

  it('is shown by Jaeger, with the agent marked', async () => {
    const url = `http://jaeger/ui/trace/${TRACE}?uiFind=${spanId}`;
    for (const jaegerUrl of ['http://jaeger/ui', 'http://jaeger/ui/']) {
      expect(await traces({ jaegerUrl }).of(answer, CALL)).toMatchObject({ url });
    }
  });

  it.each(['00', undefined])('is none that is not kept: flags %s', async (flags) => {
    first = flags && traceparent(flags);
    const known = traces({ jaegerUrl: 'http://jaeger' });
    expect(await known.of(answer, CALL)).toBeUndefined();
    expect(await known.of(answer, CALL)).toBeUndefined();
    expect(asked).toHaveLength(1);
  });

  it('is not looked for where no spans leave the process', async () => {
    expect(await traces({ isTraced: false }).of(answer, CALL)).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('is not looked for in answers that name no tree', async () => {
    const known = traces();
    expect(await known.of({ output: { agents: [] } }, CALL)).toBeUndefined();
    expect(await known.of({ refused: rejection('AGENT_NOT_FOUND', 'no') }, CALL)).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('is left out while nobody can say it, and asked for again', async () => {
    const known = traces();
    stopServing();
    expect(await known.of(answer, CALL)).toBeUndefined();
    serve();
    found = false;
    expect(await known.of(answer, CALL)).toBeUndefined();
    found = true;
    expect(await known.of(answer, CALL)).toEqual({ traceId: TRACE, spanId });
  });
});

describe('the trace of a tree that was just spawned', () => {
  const spawning = (flags: string) => ({
    ...CALL,
    contract: spawnAgentTool,
    traceparent: `00-${'c'.repeat(32)}-${'d'.repeat(16)}-${flags}`,
  });
  const root = { agentId: rootId, rootId, status: 'queued' };

  it('is that of the call', async () => {
    const known = traces();
    const made = await known.of({ output: root }, spawning('01'));
    expect(made).toMatchObject({ traceId: 'c'.repeat(32) });
    expect(await known.of(answer, CALL)).toMatchObject({ traceId: 'c'.repeat(32) });
    expect(await traces().of({ output: root }, spawning('00'))).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('is that of the first call when it was there before', async () => {
    const repeated = { output: { ...root, repeated: true } };
    expect(await traces().of(repeated, spawning('01'))).toMatchObject({ traceId: TRACE });
  });

  it('is that of its tree when it was spawned below another agent', async () => {
    expect(await traces().of(answer, spawning('01'))).toMatchObject({ traceId: TRACE });
  });
});
