import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { streamNames, type AgentEvent } from '@skynet/contracts';
import { noAuditTrail } from '@skynet/platform';
import { agentSpawned, anAgentId, eventually, ManualClock, someLimits } from '@skynet/testing';
import { SchedulerWorld } from './testing/scheduler-world.js';

const given: AgentEvent = { type: 'AgentAdmitted', data: { slot: { kind: 'given' } } };
const run = { epoch: 1, dispatchId: 1, workerId: 'worker-1', offered: null, rules: 1 };
const started: AgentEvent = { type: 'RunStarted', data: { ...run, keepsSlot: true } };

let world: SchedulerWorld;

beforeEach(async () => {
  world = new SchedulerWorld(new ManualClock(), noAuditTrail);
  await world.start();
});
afterEach(async () => {
  await world.stop();
  expect(world.bugs).toEqual([]);
});

function spawn(number: number): Promise<void> {
  const agentId = anAgentId(number);
  const limits = someLimits({ deadlineMs: Number.MAX_SAFE_INTEGER });
  return world.happens(agentId, agentSpawned({ agentId, rootId: agentId, limits }));
}

const admissions = () => world.sentTo('cmd.agents.AdmitAgents');
const runs = () => world.sentTo('run.');

describe('an agent that was given its turn', () => {
  beforeEach(async () => {
    world.workersAnnounce(4);
    await spawn(1);
    await eventually(() => expect(world.admitted()).toHaveLength(1));
  });

  it('goes to the queue of workers when it was admitted and nothing else', async () => {
    await world.happens(anAgentId(1), given);
    await eventually(() => expect(runs()).toHaveLength(1));
    expect(runs()).toMatchObject([{ agentId: anAgentId(1), dispatchId: 1 }]);
  });

  it('does not when its run has begun in the same commit', async () => {
    await world.happens(anAgentId(1), given, started);
    await spawn(2);
    await world.happens(anAgentId(2), given);
    await eventually(() => expect(runs()).toHaveLength(1));
    expect(runs()).toMatchObject([{ agentId: anAgentId(2) }]);
  });
});

it('turns are given while schedules are still read from the log, however many there are', async () => {
  const { store } = world;
  const reading = Promise.withResolvers<void>();
  const subscribe = store.subscribe.bind(store);
  store.subscribe = async (options, handler) => {
    if (options.prefix === streamNames.schedulePrefix) await reading.promise;
    return subscribe(options, handler);
  };
  await world.stopSchedulers();
  const starting = world.start();
  await spawn(1);
  await eventually(() => {
    world.workersAnnounce(4);
    expect(world.admitted()).toHaveLength(1);
  });
  reading.resolve();
  await starting;
});

it('turns are for all workers: each of their commands has its part', async () => {
  for (const number of [1, 2, 3, 4]) await spawn(number);
  for (const worker of ['worker-1', 'worker-2']) world.workersAnnounce(4, worker);
  world.workersAnnounce(0, 'worker-that-ends');
  await eventually(() => expect(world.admitted()).toHaveLength(4));
  expect(admissions()).toMatchObject([
    { data: { agents: [{}, {}] } },
    { data: { agents: [{}, {}] } },
  ]);
});
