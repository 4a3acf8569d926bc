import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { subjects, type AgentEvent } from '@skynet/contracts';
import { MemoryStateStores, noAuditTrail } from '@skynet/platform';
import { agentSpawned, anAgentId, eventually, ManualClock, someLimits } from '@skynet/testing';
import { SchedulerWorld } from './testing/scheduler-world.js';

const wanted = { workerId: 'worker-1', tenant: 'acme', count: 3, askedAtMs: 7 };
const admitted = (slot: object = { kind: 'given' }) =>
  ({ type: 'AgentAdmitted', data: { slot } }) as AgentEvent;
const run = { epoch: 1, dispatchId: 1, workerId: 'worker-1', offered: null, rules: 1 };
const started: AgentEvent = { type: 'RunStarted', data: { ...run, keepsSlot: true } };
const parked: AgentEvent = { type: 'AgentParked', data: { waitingFor: 'children' } };

let clock: ManualClock;
let world: SchedulerWorld;
let lent: unknown[];

beforeEach(async () => {
  clock = new ManualClock();
  world = new SchedulerWorld(clock, noAuditTrail);
  lent = [];
  world.bus.onHint(subjects.slotsLent, ({ data }) => lent.push(data));
  await world.start();
});
afterEach(async () => {
  await world.stop();
  expect(world.bugs).toEqual([]);
});

/** A root without a deadline. */
function spawn(number: number): Promise<void> {
  const agentId = anAgentId(number);
  const limits = someLimits({ deadlineMs: Number.MAX_SAFE_INTEGER });
  return world.happens(agentId, agentSpawned({ agentId, rootId: agentId, limits }));
}

describe('slots that agents do not go through the queue for', () => {
  it('are lent for a moment to the worker that asks, and go to who waits when that is over', async () => {
    world.workersAnnounce(8);
    world.bus.hint(subjects.slotsWanted, wanted);
    await eventually(() => expect(lent).toHaveLength(1));
    expect(lent[0]).toMatchObject({ ...wanted, validForMs: 500 });
    // Of the eight, one is kept for other tenants.
    for (const number of [1, 2, 3, 4, 5]) await spawn(number);
    await eventually(() => expect(world.admitted()).toHaveLength(4));
    await clock.advance(2_000);
    await eventually(() => expect(world.admitted()).toHaveLength(5));
  });

  it('are not lent while somebody waits who could have them', async () => {
    world.bus.hint(subjects.slotsWanted, wanted);
    await spawn(1);
    world.workersAnnounce(8);
    world.bus.hint(subjects.slotsWanted, { ...wanted, count: 99 });
    await eventually(() => expect(world.admitted()).toHaveLength(1));
    expect(lent).toEqual([]);
  });

  it.each([{}, { ...wanted, count: -1 }, { of: 'all' }, 'nonsense', undefined])(
    'are not lent to who asks for %j',
    async (nonsense) => {
      world.workersAnnounce(8);
      world.bus.hint(subjects.slotsWanted, nonsense);
      world.bus.hint(subjects.slotsFree, nonsense);
      world.bus.hint(subjects.slotsWanted, wanted);
      await eventually(() => expect(lent).toHaveLength(1));
    },
  );

  it('are lent to trees that begin, and one that asks is told when there is none', async () => {
    world.workersAnnounce(2);
    const ask = (rootsAskId: string) =>
      world.bus.hint(subjects.slotsWanted, { ...wanted, rootsAskId });
    ask('first');
    await eventually(() => expect(lent).toHaveLength(1));
    ask('second');
    await eventually(() => expect(lent).toHaveLength(2));
    expect(lent).toMatchObject([
      { count: 1, rootsAskId: 'first' },
      { count: 0, rootsAskId: 'second' },
    ]);
  });

  it('are not lent once more by the next leader before they have surely run out', async () => {
    await world.stopSchedulers();
    const states = new MemoryStateStores(clock);
    const [first] = [await world.start(states), await world.start(states)];
    const ask = () => {
      world.workersAnnounce(2);
      world.bus.hint(subjects.slotsWanted, wanted);
    };
    ask();
    await eventually(() => expect(lent).toHaveLength(1));
    await first.stop();
    await clock.advance(1_000);
    ask();
    await clock.advance(0);
    expect(lent).toHaveLength(1);
    await clock.advance(4_000);
    ask();
    await eventually(() => expect(lent).toHaveLength(2));
  });

  it('are taken without a dispatch', async () => {
    world.workersAnnounce(8);
    await spawn(1);
    await world.happens(anAgentId(1), admitted({ kind: 'lent', loanId: 'l' }));
    await world.happens(anAgentId(1), started);
    await spawn(2);
    await world.happens(anAgentId(2), admitted());
    await eventually(() => expect(world.sentTo('run.')).toHaveLength(1));
    expect(world.sentTo('run.')).toMatchObject([{ agentId: anAgentId(2) }]);
  });

  it('go to others when the worker that keeps one gives it back', async () => {
    world.workersAnnounce(4);
    for (const number of [1, 2, 3]) {
      await spawn(number);
      for (const event of [admitted(), started, parked])
        await world.happens(anAgentId(number), event);
    }
    await spawn(4);
    await clock.advance(1_000);
    expect(world.admitted()).not.toContain(anAgentId(4));
    world.bus.hint(subjects.slotsFree, { of: [{ agentId: anAgentId(3), dispatchId: 1 }] });
    await eventually(() => expect(world.admitted()).toContain(anAgentId(4)));
  });
});

describe('a scheduler that is behind in reading the log', () => {
  let read: () => void;

  beforeEach(async () => {
    await world.stopSchedulers();
    const gate = Promise.withResolvers<void>();
    let isHeld = false;
    read = gate.resolve;
    const subscribe = world.store.subscribe.bind(world.store);
    jest.spyOn(world.store, 'subscribe').mockImplementation((options, handler) =>
      subscribe(options, async (commit) => {
        if (commit.events.some(({ type }) => type === 'AgentAdmitted')) isHeld = true;
        if (isHeld) await gate.promise;
        return handler(commit);
      }),
    );
    await world.start();
    world.workersAnnounce(2);
  });

  it('lends no slot once more that was taken in what it has not read', async () => {
    const ask = (rootsAskId: string) =>
      world.bus.hint(subjects.slotsWanted, { ...wanted, rootsAskId });
    ask('first');
    await eventually(() => expect(lent).toHaveLength(1));
    const { loanId } = lent[0] as { readonly loanId: string };
    const agentId = anAgentId(1);
    const limits = someLimits({ deadlineMs: Number.MAX_SAFE_INTEGER });
    const spawned = agentSpawned({ agentId, rootId: agentId, limits });
    await world.happens(agentId, spawned, admitted({ kind: 'lent', loanId }), started);
    await clock.advance(3_000);
    world.workersAnnounce(2);
    ask('second');
    await eventually(() => expect(lent).toHaveLength(2));
    read();
    await clock.advance(3_000);
    world.workersAnnounce(2);
    ask('third');
    await eventually(() => expect(lent).toHaveLength(3));
    expect(lent).toMatchObject([{ count: 1 }, { count: 0 }, { count: 0 }]);
  });

  it('admits no agent once more whose admission it has not read', async () => {
    await spawn(1);
    await eventually(() => expect(world.admitted()).toHaveLength(1));
    await world.happens(anAgentId(1), admitted());
    await clock.advance(20_000);
    world.workersAnnounce(2);
    await clock.advance(2_000);
    read();
    await clock.advance(2_000);
    expect(world.admitted()).toHaveLength(1);
  });
});
