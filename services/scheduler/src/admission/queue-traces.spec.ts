import { expect, it } from '@jest/globals';
import { noMetrics, noTracing, type Metrics, type StoredEvent } from '@skynet/platform';
import { anAgentId, RecordingTracing } from '@skynet/testing';
import { QueueTraces } from './queue-traces.js';

const agentId = anAgentId();
const traceparent = 'trace';

it('nothing is remembered of an agent that has ended, whatever comes behind its end', () => {
  const traces = new QueueTraces(noTracing, noMetrics);
  const happens = (type: string, timeMs: number) => {
    const event = { type, timeMs, data: {}, metadata: { traceparent } };
    traces.observe(agentId, event as unknown as StoredEvent, true);
  };
  happens('AgentSpawned', 1);
  happens('AgentWoken', 5);
  expect(traces.turnOf(agentId)).toEqual({ traceparent, queuedAtMs: 5 });
  happens('AgentCompleted', 6);
  expect(traces.turnOf(agentId)).toBeUndefined();
  happens('ChildEnded', 7);
  expect(traces.turnOf(agentId)).toBeUndefined();
});

it('what was dispatched goes on from what was queued, where nobody asked for spans of messages', () => {
  const tracing = new RecordingTracing();
  const traces = new QueueTraces(tracing, noMetrics);
  traces.restore(agentId, { traceparent, queuedAtMs: 5 });
  expect(traces.dispatched(agentId, 7)).toBe(traceparent);
  expect(tracing.spans).toEqual([]);
});

it('a wait is timed with the trace of the agent that waited', () => {
  const timed: unknown[] = [];
  const histogram = () => ({ record: (...what: unknown[]) => void timed.push(what) });
  const metrics: Metrics = { ...noMetrics, histogram };
  const traces = new QueueTraces(noTracing, metrics);
  traces.restore(agentId, { traceparent, queuedAtMs: 1_000 });
  const admitted = { type: 'AgentAdmitted', timeMs: 3_000, data: {}, metadata: {} };
  traces.observe(agentId, admitted as unknown as StoredEvent, true);
  expect(timed).toEqual([[2, {}, traceparent]]);
});
