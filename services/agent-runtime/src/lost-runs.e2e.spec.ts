import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { streamNames, type AgentId } from '@skynet/contracts';
import type { OperatorStores } from '@skynet/platform/operations';
import {
  eventually,
  startOtlpReceiver,
  startStackIn,
  type OtlpReceiver,
  type ReceivedSpan,
  type Stack,
  type StackClient,
} from '@skynet/testing';

/** Bounds what waits for processes to start, which takes them long on a machine with other work. */
const LIMIT_MS = 50_000;

let receiver: OtlpReceiver;
let stack: Stack;
let client: StackClient;
let stores: OperatorStores;

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  stack = await startStackIn({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  client = await stack.connect();
  stores = await stack.openStores();
}, 60_000);

afterAll(async () => {
  await stores.close();
  await stack.stop();
  await receiver.stop();
}, 20_000);

/** Resolves when the log of the agent has so many model calls begun. It asks no service: they are killed here. */
const called = (agentId: AgentId, count: number) =>
  eventually(async () => {
    const events = await stores.eventStore.read(streamNames.agent(agentId));
    expect(events.filter(({ type }) => type === 'ModelCallStarted')).toHaveLength(count);
  }, LIMIT_MS);

/** What stands for the agent while it lives, and what its first worker left. */
const FIRST = ['create_agent', 'run 1'];
const LAST = ['invoke_agent', 'run 3'];
const isIn = (all: readonly ReceivedSpan[], start: string) =>
  all.some(({ name }) => name.startsWith(start));
const startOf = (name: string) => name.split(' ')[0];

describe('an agent whose only runtime is killed with -9, twice', () => {
  let root: AgentId;
  let spans: readonly ReceivedSpan[];
  const named = (name: string) => spans.filter((span) => span.name === name);

  beforeAll(async () => {
    const task = { description: JSON.stringify({ seconds: 600 }) };
    const answer = await client.call('spawn_agent', { task, model: { id: 'scripted:slow' } });
    root = answer.agentId as AgentId;
    for (const count of [1, 2]) {
      await called(root, count);
      // What a leader sent within its last second may be missing (ADR 49).
      if (count > 1) await receiver.until((all) => FIRST.every((one) => isIn(all, one)));
      // Where it is started again at this moment there is none.
      await eventually(() => stack.kill('runtime'), LIMIT_MS);
    }
    await called(root, 3);
    await eventually(async () => {
      await client.call('terminate_agent', { agentId: root });
    }, LIMIT_MS);
    await receiver.until((all) => LAST.every((one) => isIn(all, one)));
    spans = receiver.spans.filter((span) => span.attributes['gen_ai.agent.id'] === root);
  }, 180_000);

  it.each([1, 2])('has the run that was lost, with its call: run %d', (epoch) => {
    const [run, ...others] = named(`run ${epoch}`);
    expect(others).toEqual([]);
    expect(run).toMatchObject({ isError: true, attributes: { 'error.type': 'worker_lost' } });
    const calls = spans.filter(({ parentSpanId }) => parentSpanId === run?.spanId);
    expect(calls.map(({ name, isError }) => [name, isError])).toEqual([
      ['chat scripted:slow', true],
    ]);
  });

  it('has its whole life, as long as all of them, and what it stood on meanwhile', () => {
    const [life, ...others] = spans.filter(({ name }) => startOf(name) === 'invoke_agent');
    expect(others).toEqual([]);
    expect(life?.events.map(({ name }) => name)).toContain('agent terminated');
    expect(life?.startMs).toBeLessThanOrEqual(named('run 1')[0]?.startMs ?? 0);
    const known = new Set(receiver.spans.map(({ spanId }) => spanId));
    const below = spans.filter(({ name }) => startOf(name) === 'run');
    expect(below.map(({ parentSpanId = '' }) => known.has(parentSpanId))).toEqual([
      true,
      true,
      true,
    ]);
  });
});
