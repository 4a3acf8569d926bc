import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { storedAgentEvents, streamNames, subjects, type AgentEvent } from '@skynet/contracts';
import { Schedule } from '@skynet/domain-scheduling';
import {
  MemoryBroker,
  MemoryEventStore,
  MemoryLog,
  MemoryMessageBus,
  MemoryStateStores,
  noAuditTrail,
  noMetrics,
  noTracing,
  silentLogger,
  WorkerLeases,
  type NewEvent,
} from '@skynet/platform';
import { agentSpawned, anAgentId, eventually, ManualClock, someLimits } from '@skynet/testing';
import { Scheduler } from './scheduler.js';
import { SMALL_LIMITS } from './testing/scheduler-world.js';

let clock: ManualClock;
let broker: MemoryBroker;
let bus: MemoryMessageBus;
let memory: MemoryLog;
let store: MemoryEventStore;
let states: MemoryStateStores;
let bugs: unknown[];
const running: Scheduler[] = [];

beforeEach(() => {
  clock = new ManualClock();
  broker = new MemoryBroker();
  bus = new MemoryMessageBus(broker, clock);
  memory = new MemoryLog();
  store = new MemoryEventStore(memory);
  bugs = [];
  states = new MemoryStateStores();
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((scheduler) => scheduler.stop()));
  await bus.close();
  await store.close();
  expect(bugs).toEqual([]);
});

async function start(limits: Partial<ConstructorParameters<typeof Scheduler>[1]> = {}) {
  const scheduler = new Scheduler(
    {
      store,
      states,
      bus,
      schedule: new Schedule(),
      clock,
      log: silentLogger,
      tracing: noTracing,
      metrics: noMetrics,
      audit: noAuditTrail,
      onBug: (error) => bugs.push(error),
    },
    { ...SMALL_LIMITS, ...limits },
    `holder-${running.length}`,
  );
  running.push(scheduler);
  await scheduler.start();
  return scheduler;
}

function storedAs(
  id: string,
  correlationId: string,
  event: Pick<NewEvent, 'type' | 'version' | 'data'>,
): NewEvent {
  const metadata = { correlationId, causationId: id, tenant: 'acme', principal: 'alice', epoch: 0 };
  const commit = { id, index: 0, size: 1 };
  return { id, ...event, timeMs: clock.nowMs(), metadata: { ...metadata, commit } };
}

/** Something that is no agent's joins the same log. */
async function principalChanges(): Promise<void> {
  const stored = storedAs('change-1', 'alice', { type: 'RoleGiven', version: 1, data: {} });
  await store.append('principal-alice', [stored], 'no-stream');
}

/** Appends to the stream of an agent, as its owner would. */
async function happens(number: number, event: AgentEvent): Promise<number> {
  const stream = streamNames.agent(anAgentId(number));
  const before = (await store.read(stream, { backwards: true, max: 1 }))[0]?.revision;
  const id = `${stream}:${before ?? 'first'}:${event.type}`;
  const stored = storedAs(id, stream, {
    ...event,
    version: storedAgentEvents.versionOf(event.type),
  });
  const { revision } = await store.append(stream, [stored], before ?? 'no-stream');
  return revision;
}

const spawn = (number: number, fields: { tenant?: string; deadlineMs?: number } = {}) =>
  happens(
    number,
    agentSpawned({
      agentId: anAgentId(number),
      tenant: fields.tenant ?? 'acme',
      limits: someLimits({ deadlineMs: fields.deadlineMs ?? Number.MAX_SAFE_INTEGER }),
    }),
  );

const admitted: AgentEvent = { type: 'AgentAdmitted', data: { slot: { kind: 'given' } } };

function workersAnnounce(slots: number): void {
  bus.hint(subjects.workerHeartbeat, { workerId: 'worker-1', slots, busy: 0 });
}

interface Sent {
  readonly type: string;
  readonly notAfterMs: number;
  readonly data: { readonly agents?: { agentId: string; queuedRevision: number }[] };
}

const sent = (type: string): Sent[] =>
  broker.published
    .filter(({ subject }) => subject === `cmd.agents.${type}`)
    .map(({ data }) => data as Sent);
const admissions = () => sent('AdmitAgents').flatMap(({ data }) => data.agents ?? []);
const runs = () => broker.published.filter(({ subject }) => subject.startsWith('run.'));

describe('a scheduler that leads', () => {
  it('admits nobody before a worker has announced slots', async () => {
    await start();
    await spawn(1);
    await clock.advance(1_000);
    expect(admissions()).toEqual([]);
    workersAnnounce(4);
    await eventually(() => expect(admissions()).toHaveLength(1));
    expect(admissions()[0]).toEqual({ agentId: anAgentId(1), queuedRevision: 0 });
  });

  it('gives no more slots than there are, to whomever', async () => {
    await start();
    workersAnnounce(4);
    for (const number of [1, 2, 3, 4, 5, 6, 7]) await spawn(number, { tenant: `t${number}` });
    await eventually(() => expect(admissions()).toHaveLength(4));
    await clock.advance(1_000);
    expect(admissions()).toHaveLength(4);
  });

  it.each([
    [16, 14],
    [4, 3],
    [2, 1],
  ])('keeps some of %i slots free for others: one tenant has %i', async (slots, given) => {
    await start({ maxRunning: 100, maxRunningPerTenant: 100 });
    workersAnnounce(slots);
    for (let number = 1; number <= 20; number += 1) await spawn(number);
    await eventually(() => expect(admissions()).toHaveLength(given));
    await clock.advance(1_000);
    expect(admissions()).toHaveLength(given);
    await spawn(21, { tenant: 'globex' });
    await eventually(() => expect(admissions()).toHaveLength(given + 1));
    expect(admissions().at(-1)?.agentId).toBe(anAgentId(21));
  });

  it('keeps to its own limit when that is smaller', async () => {
    await start({ maxRunning: 2 });
    workersAnnounce(8);
    for (const number of [1, 2, 3]) await spawn(number, { tenant: `t${number}` });
    await eventually(() => expect(admissions()).toHaveLength(2));
    await clock.advance(1_000);
    expect(admissions()).toHaveLength(2);
  });

  it('puts an admitted agent on the queue, named by the revision of its admission', async () => {
    await start();
    await spawn(1);
    const dispatchId = await happens(1, admitted);
    await eventually(() => expect(runs()).toHaveLength(1));
    expect(runs()[0]).toMatchObject({
      subject: `run.default.${anAgentId(1)}`,
      data: { agentId: anAgentId(1), dispatchId },
    });
  });

  it('sends an admission again that did not come about', async () => {
    await start();
    workersAnnounce(1);
    await spawn(1);
    await eventually(() => expect(admissions()).toHaveLength(1));
    for (let second = 0; second < 5; second += 1) {
      workersAnnounce(1);
      await clock.advance(1_000);
    }
    await eventually(() => expect(admissions().length).toBeGreaterThan(1));
    expect(new Set(admissions().map(({ queuedRevision }) => queuedRevision))).toEqual(new Set([0]));
  });

  it('lets no admission be valid for longer than it surely leads', async () => {
    await start();
    workersAnnounce(1);
    await spawn(1);
    await eventually(() => expect(sent('AdmitAgents')).toHaveLength(1));
    expect(sent('AdmitAgents')[0]?.notAfterMs).toBeLessThanOrEqual(clock.nowMs() + 2_500);
  });

  it('ends agents whose time is over', async () => {
    await start();
    await spawn(1, { deadlineMs: clock.nowMs() + 5_000 });
    await clock.advance(4_000);
    expect(sent('ExpireAgent')).toEqual([]);
    await clock.advance(1_000);
    await eventually(() => expect(sent('ExpireAgent')).toHaveLength(1));
  });

  it('has a tree wait that is beyond the live agents of its tenant, says so, and ends nothing', async () => {
    await start({ maxLivePerTenant: 1 });
    workersAnnounce(8);
    await spawn(1);
    await spawn(2);
    await happens(1, admitted);
    await eventually(() => expect(runs()).toHaveLength(1));
    await clock.advance(5_000);
    expect(admissions().map(({ agentId }) => agentId)).not.toContain(anAgentId(2));
    const waitOf = (number: number, tenant = 'acme') =>
      bus.request(subjects.treeWait, { tenant, agentId: anAgentId(number) });
    expect(await waitOf(2)).toEqual({ wait: { limit: 'liveAgents', max: 1, waitingTrees: 1 } });
    expect([await waitOf(1), await waitOf(2, 'globex'), await waitOf(9)]).toEqual([{}, {}, {}]);
    await happens(1, { type: 'AgentCompleted', data: { output: 'done' } });
    workersAnnounce(8);
    await clock.advance(1_000);
    await eventually(() => expect(admissions().at(-1)?.agentId).toBe(anAgentId(2)));
    expect(sent('RefuseAgent')).toEqual([]);
  });
});

describe('a scheduler that has work all the time', () => {
  it('still sends again what was lost', async () => {
    await start();
    await spawn(1);
    await happens(1, admitted);
    await eventually(() => expect(runs()).toHaveLength(1));
    for (let number = 2; number < 70; number += 1) {
      await spawn(number);
      await clock.advance(200);
    }
    expect(runs().length).toBeGreaterThan(1);
  });
});

describe('an agent that runs', () => {
  const startedBy = (workerId: string): AgentEvent => ({
    type: 'RunStarted',
    data: { epoch: 1, dispatchId: 1, workerId, offered: null, rules: 1, keepsSlot: false },
  });

  async function runsOn(workerId: string): Promise<void> {
    await spawn(1);
    await happens(1, admitted);
    await happens(1, startedBy(workerId));
    await eventually(() => expect(runs()).toHaveLength(1));
  }

  async function seconds(count: number): Promise<void> {
    for (let second = 0; second < count; second += 1) await clock.advance(1_000);
  }

  it('is put on the queue again when its worker is gone', async () => {
    await start();
    await runsOn('worker-1');
    await seconds(6);
    expect(runs()).toHaveLength(2);
    expect(runs()[1]).toMatchObject({ data: { agentId: anAgentId(1), dispatchId: 1 } });
    await seconds(12);
    expect(runs()).toHaveLength(3);
  });

  it('is left to a worker that renews its lease', async () => {
    await start();
    const worker = new WorkerLeases({ states, holder: 'worker-1', clock, log: silentLogger });
    await worker.start();
    await runsOn('worker-1');
    await seconds(20);
    expect(runs()).toHaveLength(1);
    await worker.stop();
    await seconds(2);
    expect(runs()).toHaveLength(2);
  });
});

describe('a scheduler that starts again', () => {
  const subscribedAfter = () => {
    const places: unknown[] = [];
    const { subscribe } = store;
    store.subscribe = (options, handler) => {
      if (options.prefix === streamNames.agentPrefix) places.push(options.after);
      return subscribe.call(store, options, handler);
    };
    return places;
  };

  it('reads the log only behind what it had folded, and knows who is queued', async () => {
    const first = await start();
    await spawn(1);
    await spawn(2);
    await happens(2, admitted);
    await eventually(() => expect(runs()).toHaveLength(1));
    await first.stop();
    await spawn(3);
    const places = subscribedAfter();
    await start();
    expect(places).toEqual([expect.anything()]);
    workersAnnounce(4);
    await eventually(() => expect(admissions()).toHaveLength(2));
    expect(admissions().map(({ agentId }) => agentId)).toEqual([anAgentId(1), anAgentId(3)]);
    // What was admitted and not started is sent again once it counts as lost.
    await clock.advance(11_000);
    expect(runs().length).toBeGreaterThan(1);
  });

  it('reads the whole log when what was kept is not whole', async () => {
    const first = await start();
    await spawn(1);
    await eventually(async () =>
      expect((await store.read(`agent-${anAgentId(1)}`)).length).toBe(1),
    );
    await first.stop();
    const parts = await states.open('schedule');
    for (const { key } of (await parts.scan('')).entries) await parts.delete(key);
    const places = subscribedAfter();
    await start();
    expect(places).toEqual([undefined]);
    workersAnnounce(4);
    await eventually(() => expect(admissions()).toHaveLength(1));
  });
});

describe('a scheduler that takes over', () => {
  it('dispatches what was admitted and never started, and nothing before it leads', async () => {
    const first = await start();
    const second = await start();
    await spawn(1);
    await happens(1, admitted);
    await eventually(() => expect(runs()).toHaveLength(1));
    await first.stop();
    await clock.advance(12_000);
    await eventually(() => expect(runs().length).toBeGreaterThan(1));
    expect(second).toBeDefined();
  });

  it('leads although the newest commit of the log is of no agent', async () => {
    await spawn(1);
    await happens(1, admitted);
    await principalChanges();
    await start();
    await eventually(() => expect(runs()).toHaveLength(1));
  });
});

/** Appends to the stream of an agent what is not written here; `skip` leaves a hole before it. */
async function strangeThing(number: number, event: Partial<NewEvent>, skip = 0): Promise<void> {
  const stream = streamNames.agent(anAgentId(number));
  const [last] = await store.read(stream, { backwards: true, max: 1 });
  const revision = (last?.revision ?? -1) + 1 + skip;
  const id = `${stream}:${revision}:strange`;
  const stored = storedAs(id, stream, { type: 'AgentResumed', version: 1, data: {}, ...event });
  const position = memory.nextPosition;
  memory.add({ stream, id, revision, position, events: [{ ...stored, stream, revision }] });
}

const BLOWS: [string, (number: number) => unknown][] = [
  ['something that is no commit', (n) => memory.addDamage(streamNames.agent(anAgentId(n)), 'no')],
  ['an event of an unknown type', (n) => strangeThing(n, { type: 'AgentDreamt' })],
  ['an event of a newer version', (n) => strangeThing(n, { version: 9 })],
  ['data that is none of its type', (n) => strangeThing(n, { type: 'RunStarted' })],
  ['other data that is none of its type', (n) => strangeThing(n, { type: 'ModelCallSettled' })],
  ['a hole before an event', (n) => strangeThing(n, {}, 3)],
];

describe.each(BLOWS)('an agent into whose stream comes %s', (_, blow) => {
  it('leaves the queue, and those behind it get their turn', async () => {
    await start();
    await spawn(1);
    await blow(1);
    await spawn(2);
    workersAnnounce(4);
    await eventually(() => expect(admissions()).toHaveLength(1));
    await clock.advance(3_000);
    expect(new Set(admissions().map(({ agentId }) => agentId))).toEqual(new Set([anAgentId(2)]));
  });

  it('holds no slot, is not dispatched again, and is not due', async () => {
    await start({ maxRunning: 1 });
    await spawn(1, { deadlineMs: clock.nowMs() + 5_000 });
    await happens(1, admitted);
    await eventually(() => expect(runs()).toHaveLength(1));
    await blow(1);
    await spawn(2);
    workersAnnounce(4);
    await eventually(() => expect(admissions()).toHaveLength(1));
    expect(admissions()[0]).toMatchObject({ agentId: anAgentId(2) });
    for (let second = 0; second < 15; second += 1) await clock.advance(1_000);
    expect(runs()).toHaveLength(1);
    expect(sent('ExpireAgent')).toEqual([]);
  });

  it('does not keep the next scheduler from leading, nor from being well', async () => {
    await spawn(1);
    await happens(1, admitted);
    await spawn(2);
    await happens(2, admitted);
    await blow(1);
    const scheduler = await start();
    await eventually(() => expect(runs()).toHaveLength(1));
    expect(runs()[0]).toMatchObject({ data: { agentId: anAgentId(2) } });
    await clock.advance(3_000);
    const [projection] = scheduler.healthChecks;
    await projection?.check();
    expect(projection?.notice?.()).toMatch(/^[01] streams are damaged, [01] need/);
  });
});

describe('an agent that a newer release wrote', () => {
  it('is not dispatched for what stands behind that', async () => {
    await start();
    await spawn(1);
    await strangeThing(1, { version: 9 });
    await happens(1, admitted);
    await spawn(2);
    await happens(2, admitted);
    await eventually(() => expect(runs()).not.toEqual([]));
    expect(runs()).toMatchObject([{ data: { agentId: anAgentId(2) } }]);
  });
});

describe('a stream with a name that no agent has', () => {
  it.each(['AgentSpawned', 'AgentAdmitted'])('stops nobody: %s', async (type) => {
    const stored = storedAs('strange-1', 'x', { type, version: 1, data: {} });
    await store.append('agent-not-a-uuid', [stored], 'no-stream');
    memory.addDamage('agent-neither', 'no');
    await spawn(1);
    await happens(1, admitted);
    await start();
    await eventually(() => expect(runs()).toHaveLength(1));
  });
});
