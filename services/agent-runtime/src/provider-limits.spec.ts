import { beforeEach, describe, expect, it } from '@jest/globals';
import { subjects, type AgentId } from '@skynet/contracts';
import { MemoryMessageBus, noMetrics, type Metrics } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import type { AgentRuntime } from './agent-runtime.js';
import { ModelError } from './models/model.port.js';
import { RuntimeWorld } from './testing/runtime-world.js';

let clock: ManualClock;
let world: RuntimeWorld;
let runtime: AgentRuntime;
/** Seconds that model calls took. */
let callTimes: number[];

const ignored = { record: () => undefined };
const limits = { requestsPerMinute: 1 };

beforeEach(async () => {
  clock = new ManualClock();
  world = await RuntimeWorld.create(clock, { providers: { puppet: { limits } } });
  callTimes = [];
  const record = (seconds: number) => void callTimes.push(seconds);
  const metrics: Metrics = {
    ...noMetrics,
    histogram: (name) => (name === 'skynet_model_call_seconds' ? { record } : ignored),
  };
  runtime = await world.start({ metrics });
});

/** An agent whose model call is in the log and waits for the limit that another one has used up. */
async function waitingAgent(): Promise<AgentId> {
  const first = await world.spawn();
  await world.seen(first, 'ModelCallStarted');
  (await world.models.next()).answer({ text: 'seven' });
  await world.ended(first);
  const agentId = await world.spawn();
  await world.seen(agentId, 'ModelCallStarted');
  await clock.advance(1_000);
  expect(world.models.count).toBe(1);
  return agentId;
}

async function untilSeen(agentId: AgentId, ...type: Parameters<RuntimeWorld['seen']>[1][]) {
  for (const each of type) {
    const seen = world.seen(agentId, each);
    await clock.advance(1_000);
    await seen;
  }
}

describe('an agent that waits for the limit of its provider', () => {
  it('makes its call when it is its turn', async () => {
    const agentId = await waitingAgent();
    await clock.advance(70_000);
    (await world.models.next()).answer({ text: 'eight' });
    const ended = await world.ended(agentId);
    expect(ended).toMatchObject({ status: 'completed' });
    expect(Math.max(...callTimes)).toBeLessThan(10);
  });

  it('leaves its slot when that takes too long, and is shown as waiting', async () => {
    const [one, two] = [await waitingAgent(), await world.spawn()];
    await clock.advance(100_000);
    (await world.models.next()).answer({ text: 'eight' });
    await world.ended(one);
    expect(await world.row(two)).toMatchObject({ status: 'waiting' });
    expect(callTimes).toHaveLength(2);
    expect(world.running).toBe(0);
  });

  it('is terminated at once', async () => {
    const agentId = await waitingAgent();
    await world.send('TerminateAgent', { agentId, reason: 'enough' });
    await clock.advance(200_000);
    expect(world.models.count).toBe(1);
    expect(world.running).toBe(0);
  });

  it('leaves its slot when it is paused, without having spent anything', async () => {
    const agentId = await waitingAgent();
    await world.send('PauseAgent', { agentId });
    await untilSeen(agentId, 'AgentPaused', 'RunYielded');
    expect(world.running).toBe(0);
    const settled = world.eventsOf(agentId).find(({ type }) => type === 'ModelCallSettled');
    expect(settled?.data).toMatchObject({ usage: { inputTokens: 0, outputTokens: 0 } });
  });

  it('waits on after a pause that was taken back at once', async () => {
    const agentId = await waitingAgent();
    await world.send('PauseAgent', { agentId });
    await world.send('ResumeAgent', { agentId });
    await clock.advance(70_000);
    (await world.models.next()).answer({ text: 'eight' });
    await world.ended(agentId);
    expect(world.typesOf(agentId).filter((type) => type === 'ModelCallStarted')).toHaveLength(2);
  });

  it('does not hold up a worker that stops', async () => {
    const agentId = await waitingAgent();
    await runtime.stop();
    expect(world.typesOf(agentId)).toContain('RunYielded');
    const settled = world.eventsOf(agentId).find(({ type }) => type === 'ModelCallSettled');
    expect(settled?.data).toMatchObject({ usage: { inputTokens: 0, outputTokens: 0 } });
  });
});

describe('a worker whose provider refuses a call for the number of calls', () => {
  it('tells others that it has fewer slots', async () => {
    const told: unknown[] = [];
    const bus = new MemoryMessageBus(world.broker, clock);
    bus.onHint(subjects.workerHeartbeat, ({ data }) => told.push(data));
    await world.spawn();
    const refused = new ModelError('slower', { retryable: true, isRateLimit: true });
    (await world.models.next()).fail(refused);
    await clock.advance(2_000);
    expect(told).toContainEqual({ workerId: 'worker-1', slots: 35, busy: 1 });
  });
});
