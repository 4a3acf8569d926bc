import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { noAuditTrail } from '@skynet/platform';
import { agentSpawned, anAgentId, eventually, ManualClock } from '@skynet/testing';
import { SchedulerWorld } from './testing/scheduler-world.js';

let clock: ManualClock;
let world: SchedulerWorld;

beforeEach(async () => {
  clock = new ManualClock();
  world = new SchedulerWorld(clock, noAuditTrail);
  await world.start();
});
afterEach(async () => {
  await world.stop();
  expect(world.bugs).toEqual([]);
});

function spawn(number: number, tenant: string): Promise<void> {
  const agentId = anAgentId(number);
  return world.happens(agentId, agentSpawned({ agentId, rootId: agentId, tenant }));
}

/** The only slot is given to an agent whose admission does not come about. */
async function admittedInVain(): Promise<void> {
  world.workersAnnounce(1);
  await spawn(1, 'acme');
  await eventually(() => expect(world.admitted()).toEqual([anAgentId(1)]));
}

async function seconds(count: number): Promise<void> {
  for (let second = 0; second < count; second += 1) {
    world.workersAnnounce(1);
    await clock.advance(1_000);
  }
}

describe('the slot of an admission that is not in the log', () => {
  it('is given to nobody else: a worker whose clock is behind may still carry it out', async () => {
    await admittedInVain();
    await spawn(2, 'globex');
    await seconds(9);
    await eventually(() => expect(world.admitted().length).toBeGreaterThan(2));
    expect(new Set(world.admitted())).toEqual(new Set([anAgentId(1)]));
  });

  it('is free when the agent is paused, which takes no slot then', async () => {
    await admittedInVain();
    await world.happens(anAgentId(1), { type: 'AgentPaused', data: {} });
    await spawn(2, 'globex');
    await seconds(5);
    await eventually(() => expect(world.admitted().at(-1)).toBe(anAgentId(2)));
  });
});
