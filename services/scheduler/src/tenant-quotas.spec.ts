import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { streamNames, subjects, type QuotaChanges } from '@skynet/contracts';
import { Schedule } from '@skynet/domain-scheduling';
import {
  MemoryBroker,
  MemoryEventStore,
  MemoryMessageBus,
  MemoryStateStores,
  noMetrics,
  noTracing,
  silentLogger,
  type NewEvent,
} from '@skynet/platform';
import {
  agentSpawned,
  anAgentId,
  eventually,
  ManualClock,
  RecordingAuditTrail,
} from '@skynet/testing';
import { Scheduler } from './scheduler.js';

let clock: ManualClock;
let broker: MemoryBroker;
let bus: MemoryMessageBus;
let store: MemoryEventStore;
let audit: RecordingAuditTrail;
let bugs: unknown[];
let running: Scheduler[];

beforeEach(async () => {
  clock = new ManualClock();
  broker = new MemoryBroker();
  bus = new MemoryMessageBus(broker, clock);
  store = new MemoryEventStore();
  audit = new RecordingAuditTrail();
  bugs = [];
  running = [];
  await start();
  bus.hint(subjects.workerHeartbeat, { workerId: 'worker-1', slots: 8, busy: 0 });
});

afterEach(async () => {
  await Promise.all(running.map((scheduler) => scheduler.stop()));
  await bus.close();
  await store.close();
  expect(bugs).toEqual([]);
});

async function start(): Promise<void> {
  const scheduler = new Scheduler(
    {
      ...{ store, bus, clock, audit, states: new MemoryStateStores() },
      ...{ schedule: new Schedule(), log: silentLogger, tracing: noTracing, metrics: noMetrics },
      onBug: (error) => bugs.push(error),
    },
    { maxRunning: 10, maxRunningPerTenant: 10, maxLivePerTenant: 100 },
    `holder-${running.length}`,
  );
  running.push(scheduler);
  await scheduler.start();
}

async function spawn(number: number): Promise<void> {
  const stream = streamNames.agent(anAgentId(number));
  const limits = { ...agentSpawned().data.limits, deadlineMs: Number.MAX_SAFE_INTEGER };
  const { type, data } = agentSpawned({ agentId: anAgentId(number), limits });
  const metadata = { correlationId: stream, causationId: stream, tenant: 'acme', principal: 'a' };
  const commit = { id: stream, index: 0, size: 1 };
  const event: NewEvent = {
    ...{ id: stream, type, data, version: 1, timeMs: clock.nowMs() },
    metadata: { ...metadata, epoch: 0, commit },
  };
  await store.append(stream, [event], 'no-stream');
}

const set = (changes: QuotaChanges, { isNew = false, tenant = 'acme' } = {}) =>
  bus.request(subjects.setQuotas, { tenant, isNew, changes, by: 'root' });
const list = (tenant?: string) => bus.request(subjects.listTenants, { tenant });
const waitOf = (number: number) =>
  bus.request(subjects.treeWait, { tenant: 'acme', agentId: anAgentId(number) });
const admitted = () =>
  broker.published
    .filter(({ subject }) => subject === 'cmd.agents.AdmitAgents')
    .flatMap(({ data }) => (data as { data: { agents: { agentId: string }[] } }).data.agents)
    .map(({ agentId }) => agentId);

describe('quotas of a tenant', () => {
  it('say when its trees start, from the moment they are set', async () => {
    await set({ runningTrees: 0 }, { isNew: true });
    await spawn(1);
    const wait = { limit: 'runningTrees', max: 0, waitingTrees: 1 };
    await eventually(async () => expect(await waitOf(1)).toEqual({ wait }));
    expect(admitted()).toEqual([]);
    await set({ runningTrees: null, liveAgents: 1 });
    await eventually(() => expect(admitted()).toEqual([anAgentId(1)]));
    await spawn(2);
    const second = { limit: 'liveAgents', max: 1, waitingTrees: 1 };
    await eventually(async () => expect(await waitOf(2)).toEqual({ wait: second }));
  });

  it('are shown with what the tenant has under way, and known to every replica', async () => {
    await set({ liveAgents: 5, ceilings: { depth: 2 } }, { isNew: true });
    await set({ models: ['scripted:echo'] }, { isNew: true, tenant: 'globex' });
    await start();
    await eventually(async () => {
      const load = { liveAgents: 0, runningTrees: 0, waitingTrees: 0 };
      expect(await list()).toEqual({
        tenants: [
          { tenant: 'acme', quotas: { liveAgents: 5, ceilings: { depth: 2 } }, ...load },
          { tenant: 'globex', quotas: { models: ['scripted:echo'] }, ...load },
        ],
      });
    });
    expect(await list('nobody')).toEqual({ tenants: [] });
  });

  it('stand in the log of the tenant and in the audit log', async () => {
    await set({ liveAgents: 5 }, { isNew: true });
    expect(await set({ liveAgents: 6 }, { isNew: true })).toMatchObject({
      refused: { code: 'TENANT_EXISTS' },
    });
    const events = await store.read(streamNames.tenant('acme'));
    expect(events).toMatchObject([{ type: 'TenantQuotasSet', data: { liveAgents: 5 } }]);
    const about = { act: 'set-quotas', principal: 'operator:root', target: { id: 'acme' } };
    expect(audit.acts).toMatchObject([
      { ...about, outcome: 'allowed', details: { changes: '{"liveAgents":5}' } },
      { ...about, outcome: 'allowed' },
      { ...about, outcome: 'refused', reason: 'TENANT_EXISTS' },
    ]);
  });

  it('are none of a tenant that was not added', async () => {
    expect(await set({ liveAgents: 5 })).toMatchObject({ refused: { code: 'TENANT_NOT_FOUND' } });
    expect(await list()).toEqual({ tenants: [] });
  });
});
