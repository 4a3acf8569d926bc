import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { streamNames, type AgentEvent } from '@skynet/contracts';
import { MemoryStateStores, noAuditTrail } from '@skynet/platform';
import { agentSpawned, anAgentId, eventually, ManualClock, someLimits } from '@skynet/testing';
import { SchedulerWorld } from '../testing/scheduler-world.js';

const admitted: AgentEvent = { type: 'AgentAdmitted', data: { slot: { kind: 'given' } } };

let clock: ManualClock;
let world: SchedulerWorld;

beforeEach(() => {
  clock = new ManualClock();
  world = new SchedulerWorld(clock, noAuditTrail);
});
afterEach(async () => {
  await world.stop();
  expect(world.bugs).toEqual([]);
});

async function admittedAgent(number: number): Promise<void> {
  const agentId = anAgentId(number);
  const limits = someLimits({ deadlineMs: Number.MAX_SAFE_INTEGER });
  await world.happens(agentId, agentSpawned({ agentId, rootId: agentId, limits }));
  await world.happens(agentId, admitted);
}

const dispatched = () =>
  world.sentTo('run.').map((item) => (item as { readonly agentId: string }).agentId);

describe('an agent that was forgotten while no scheduler read the log', () => {
  it('is dispatched no more, and others are', async () => {
    const states = new MemoryStateStores(clock);
    const first = await world.start(states);
    await admittedAgent(1);
    await admittedAgent(2);
    await eventually(() => expect(dispatched()).toEqual([anAgentId(1), anAgentId(2)]));
    await first.stop();
    await world.store.deleteStream(streamNames.agent(anAgentId(1)), 1);
    await world.start(states);
    // What was not started is sent again once it counts as lost.
    await clock.advance(11_000);
    const again = dispatched().slice(2);
    expect([again.includes(anAgentId(1)), again.includes(anAgentId(2))]).toEqual([false, true]);
  });
});
