import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentEventData, AgentId } from '@skynet/contracts';
import type { EventStore } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { ModelError } from './models/model.port.js';
import { faultyStore, silentStore } from './testing/faulty-store.js';
import { aServer } from './testing/registries.js';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await RuntimeWorld.create(new ManualClock(), {
    servers: {
      tools: aServer(),
      retried: aServer({ recovery: 'retry' }),
    },
  });
});

afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });

describe('a worker whose lease has run out', () => {
  let renews: boolean;

  beforeEach(() => {
    renews = true;
  });

  /** An agent on a worker that dies as far as others can see, and another worker. */
  async function spawnOnDying(args: Parameters<RuntimeWorld['spawn']>[0] = {}) {
    await world.start({ workerId: 'dying', slots: 1, renews: () => renews });
    const agentId = await world.spawn(args);
    return agentId;
  }

  async function dies(agentId: AgentId) {
    const second = await world.start({ workerId: 'second', slots: 1 });
    renews = false;
    await world.dispatchAgain(agentId);
    return second;
  }

  it('loses its run: the first answer counts for nothing', async () => {
    const agentId = await spawnOnDying();
    const first = await world.models.next();
    await dies(agentId);
    const second = await world.models.next();
    first.answer({ text: 'too late' });
    second.answer({ text: 'taken over' });
    expect(await world.ended(agentId)).toMatchObject({ output: 'taken over' });
    const runs = world.eventsOf(agentId).filter(({ type }) => type === 'RunStarted');
    expect(runs.map(({ data }) => data)).toMatchObject([
      { epoch: 1, workerId: 'dying' },
      { epoch: 2, workerId: 'second' },
    ]);
    await world.clock.advance(0);
    expect(first.signal.aborted).toBe(true);
    expect(world.queue.outstanding).toBe(0);
  });

  it('leaves the agent to its new run when the start of the old one is read from the log again', async () => {
    const agentId = await spawnOnDying();
    await world.models.next();
    const second = await dies(agentId);
    const model = await world.models.next();
    await second.reading.lead({ epoch: 2, validUntilMs: () => Infinity });
    await world.clock.advance(0);
    expect(model.signal.aborted).toBe(false);
    model.answer({ text: 'taken over' });
    expect(await world.ended(agentId)).toMatchObject({ output: 'taken over' });
  });

  it('costs the worst case of the model call that was lost', async () => {
    const agentId = await spawnOnDying();
    await world.models.next();
    await dies(agentId);
    await world.models.next();
    const { data } = await world.seen(agentId, 'ModelCallSettled');
    expect(data).toMatchObject({ outcome: { kind: 'lost' }, usage: { outputTokens: 1_000 } });
  });

  it('leaves a tool call of unknown outcome in doubt, and what the answer says is done', async () => {
    const agentId = await spawnOnDying({ tools: ['tools__*'] });
    (await world.models.next()).answer({ toolCalls: [call('tools__act')] });
    await world.tools.next();
    await dies(agentId);
    const { data } = await world.seen(agentId, 'ToolCallInDoubt');
    await world.seen(agentId, 'AgentParked');
    const { toolCallId } = data as AgentEventData<'ToolCallInDoubt'>;
    expect(await world.row(agentId)).toMatchObject({
      status: 'waiting',
      waitingFor: {
        ...{ kind: 'input', ids: [toolCallId] },
        inDoubt: [{ toolCallId, reason: expect.stringMatching(/broke off|worker/) }],
      },
    });
    const answer = { decision: 'happened', result: 'it did' } as const;
    await world.send('AnswerAgent', { agentId, toolCallId, answer });
    await world.clock.advance(1_000);
    const { request } = await world.models.next();
    expect(request.messages.at(-1)).toMatchObject({ role: 'tool', content: 'it did' });
    expect(world.tools.count).toBe(1);
  });

  it('starts no effect before it has the lease again', async () => {
    const agentId = await spawnOnDying({ tools: ['tools__*'] });
    const first = await world.models.next();
    renews = false;
    for (let second = 0; second < 4; second += 1) await world.clock.advance(1_000);
    first.answer({ toolCalls: [call('tools__act')] });
    await world.seen(agentId, 'ToolCallStarted');
    await world.clock.advance(2_000);
    expect(world.tools.count).toBe(0);
    renews = true;
    await world.clock.advance(1_000);
    expect(world.tools.count).toBe(1);
  });
});

describe('a worker that has its lease again', () => {
  it('starts no effect of an agent that has ended meanwhile, though its reader does not know', async () => {
    let renews = true;
    let silence = Promise.resolve();
    let hear = (): void => undefined;
    const store = (own: EventStore) => silentStore(own, () => silence);
    await world.start({ slots: 1, renews: () => renews, store });
    const agentId = await world.spawn({ tools: ['tools__*'] });
    const turn = await world.models.next();
    renews = false;
    for (let second = 0; second < 4; second += 1) await world.clock.advance(1_000);
    turn.answer({ toolCalls: [call('tools__act')] });
    await world.seen(agentId, 'ToolCallStarted');
    silence = new Promise((resolve) => {
      hear = resolve;
    });
    await world.send('TerminateAgent', { agentId, reason: 'enough' });
    renews = true;
    await world.clock.advance(2_000);
    expect(world.tools.count).toBe(0);
    hear();
    await world.ended(agentId);
  });
});

describe('an item of a run under way that is delivered again as if for the first time', () => {
  it('comes back for as long as the worker of the run lives, and is done when the run has ended', async () => {
    await world.start({ workerId: 'first', slots: 1 });
    const agentId = await world.spawn();
    const turn = await world.models.next();
    await world.start({ workerId: 'second', slots: 1 });
    await world.dispatchAgain(agentId);
    await world.clock.advance(60_000);
    expect(world.queue.outstanding).toBe(1);
    expect(world.typesOf(agentId).filter((type) => type === 'RunStarted')).toHaveLength(1);
    turn.answer({ text: 'seven' });
    await world.ended(agentId);
    await world.clock.advance(10_000);
    expect(world.queue.outstanding).toBe(0);
  });
});

describe('a run that breaks off on a worker that lives', () => {
  it('is made anew by the same worker, although its item was done', async () => {
    let breaks = true;
    await world.start({
      workerId: 'only',
      store: (store) =>
        faultyStore(store, (_stream, types) => {
          if (!breaks || types[0] !== 'ModelCallSettled') return false;
          breaks = false;
          throw new Error('a bug in the worker');
        }),
    });
    const agentId = await world.spawn();
    (await world.models.next()).answer({ text: 'lost' });
    await world.clock.advance(0);
    expect(world.queue.outstanding).toBe(0);
    await world.clock.advance(1_000);
    (await world.models.next()).answer({ text: 'seven' });
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed', output: 'seven' });
  });
});

describe('an item that is delivered again after its run has ended', () => {
  it('is done without a new run', async () => {
    await world.start();
    const agentId = await world.spawn({ model: { id: 'scripted:echo' } });
    await world.ended(agentId);
    world.queue.push({ agentId, dispatchId: 1 });
    await world.clock.advance(0);
    expect(world.queue.outstanding).toBe(0);
    expect(world.typesOf(agentId).filter((type) => type === 'RunStarted')).toHaveLength(1);
  });
});

describe('a replica that stops', () => {
  it('waits for the step under way, and the next one goes on from there', async () => {
    const first = await world.start({ workerId: 'first', slots: 1 });
    const agentId = await world.spawn();
    const turn = await world.models.next();
    await world.start({ workerId: 'next', slots: 1 });
    const stopped = first.stop();
    turn.answer({ toolCalls: [call('report_progress', { message: 'half' })] });
    await stopped;
    expect(turn.signal.aborted).toBe(false);
    const goesOn = await world.models.next();
    expect(goesOn.request.messages).toHaveLength(3);
    goesOn.answer({ text: 'seven' });
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed', output: 'seven' });
    expect(await world.seen(agentId, 'RunStarted', 2)).toMatchObject({
      data: { workerId: 'next' },
    });
  });

  it('cuts off after its grace time what takes too long', async () => {
    const first = await world.start({ workerId: 'first', slots: 1 });
    const agentId = await world.spawn();
    const turn = await world.models.next();
    const stopped = first.stop();
    await world.clock.advance(5_000);
    expect(turn.signal.aborted).toBe(true);
    await stopped;
    await world.start({ workerId: 'next', slots: 1 });
    await world.dispatchAgain(agentId);
    (await world.models.next()).answer({ text: 'seven' });
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed' });
  });

  it('hands over an agent that waits for its next try', async () => {
    const first = await world.start({ workerId: 'first', slots: 1 });
    const agentId = await world.spawn();
    const error = new ModelError('overloaded', { retryable: true, retryAfterMs: 60_000 });
    (await world.models.next()).fail(error);
    await world.seen(agentId, 'ModelCallSettled');
    await world.start({ workerId: 'next', slots: 1 });
    await first.stop();
    (await world.models.next()).answer({ text: 'seven' });
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed' });
  });
});

describe('a worker that dies between the reservation of a child and its spawn', () => {
  it('is stood in for: the child is made and runs', async () => {
    let failures = 0;
    const isSpawn = (types: readonly string[]) => types[0] === 'AgentSpawned';
    await world.start({
      store: (store) =>
        faultyStore(store, (_stream, types) => {
          const fails = isSpawn(types) && world.agentIds().length > 0 && failures === 0;
          if (fails) failures += 1;
          return fails;
        }),
    });
    const parentId = await world.spawn();
    const spawn = call('spawn_agent', { task: { description: 'below' } });
    (await world.models.next()).answer({ toolCalls: [spawn, call('await_agents')] });
    await world.seen(parentId, 'AgentParked');
    await world.clock.advance(0);
    expect(failures).toBe(1);
    await world.clock.advance(1_000);
    (await world.models.next()).answer({ text: 'made after all' });
    (await world.models.next()).answer({ text: 'done' });
    expect(await world.ended(parentId)).toMatchObject({ status: 'completed' });
  });
});

describe('a log that is away for a moment', () => {
  it('loses no outcome: the append is tried until it is known', async () => {
    let failures = 0;
    await world.start({
      store: (store) =>
        faultyStore(store, (_stream, types) => {
          const fails = types[0] === 'ModelCallSettled' && failures < 3;
          if (fails) failures += 1;
          return fails;
        }),
    });
    const agentId = await world.spawn();
    (await world.models.next()).answer({ text: 'seven' });
    await world.clock.advance(10_000);
    expect(await world.ended(agentId)).toMatchObject({ output: 'seven' });
    expect(world.models.count).toBe(1);
    expect(failures).toBe(3);
  });
});

describe('an agent that is terminated while its run waits for the next try', () => {
  it('is left at once, and its slot is free', async () => {
    await world.start({ slots: 1 });
    const agentId = await world.spawn();
    const error = new ModelError('overloaded', { retryable: true, retryAfterMs: 60_000 });
    (await world.models.next()).fail(error);
    await world.seen(agentId, 'ModelCallSettled');
    await world.send('TerminateAgent', { agentId, reason: 'enough' });
    await world.clock.advance(0);
    expect(world.running).toBe(0);
    const next = await world.spawn({ model: { id: 'scripted:echo' } });
    expect(await world.ended(next)).toMatchObject({ status: 'completed' });
  });
});
