import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { streamNames, subjects, type QuotaChanges } from '@skynet/contracts';
import {
  agentSpawned,
  anAgentId,
  eventually,
  ManualClock,
  RecordingAuditTrail,
  someLimits,
} from '@skynet/testing';
import { SchedulerWorld } from './testing/scheduler-world.js';

let audit: RecordingAuditTrail;
let world: SchedulerWorld;

beforeEach(async () => {
  audit = new RecordingAuditTrail();
  world = new SchedulerWorld(new ManualClock(), audit);
  await world.start();
  world.workersAnnounce(8);
});

afterEach(async () => {
  await world.stop();
  expect(world.bugs).toEqual([]);
});

function spawn(number: number, tenant = 'acme'): Promise<void> {
  const agentId = anAgentId(number);
  const limits = someLimits({ deadlineMs: Number.MAX_SAFE_INTEGER });
  return world.happens(agentId, agentSpawned({ agentId, rootId: agentId, tenant, limits }));
}

const set = (changes: QuotaChanges, { isNew = false, tenant = 'acme' } = {}) =>
  world.bus.request(subjects.setQuotas, { tenant, isNew, changes, by: 'root' });
const list = (tenant?: string) => world.bus.request(subjects.listTenants, { tenant });
const waitOf = (number: number, tenant = 'acme') =>
  world.bus.request(subjects.treeWait, { tenant, agentId: anAgentId(number) });
describe('quotas of a tenant', () => {
  it('say when its trees start, from the moment they are set', async () => {
    await set({ runningTrees: 0 }, { isNew: true });
    await spawn(1);
    const wait = { limit: 'runningTrees', max: 0, waitingTrees: 1 };
    await eventually(async () => expect(await waitOf(1)).toEqual({ wait }));
    expect(world.admitted()).toEqual([]);
    await set({ runningTrees: null, liveAgents: 1 });
    await eventually(() => expect(world.admitted()).toEqual([anAgentId(1)]));
    await spawn(2);
    const second = { limit: 'liveAgents', max: 1, waitingTrees: 1 };
    await eventually(async () => expect(await waitOf(2)).toEqual({ wait: second }));
  });

  it('weigh it against others that wait for slots, from the moment they are set', async () => {
    const tenants = ['acme', 'globex'];
    for (const tenant of tenants) await set({ runningTrees: 0 }, { isNew: true, tenant });
    for (let number = 1; number <= 40; number += 1) await spawn(number, tenants[number % 2]);
    for (const number of [39, 40])
      await eventually(async () =>
        expect(await waitOf(number, tenants[number % 2])).toMatchObject({
          wait: { waitingTrees: 20 },
        }),
      );
    world.workersAnnounce(0);
    for (const tenant of tenants)
      await set({ runningTrees: null, weight: tenant === 'globex' ? 3 : 1 }, { tenant });
    world.workersAnnounce(10);
    await eventually(() => expect(world.admitted()).toHaveLength(9));
    expect(world.admitted().filter((id) => Number(id.slice(-6)) % 2 === 1)).toHaveLength(7);
  });

  it.each([0, 101, 1.5])('take no weight of %d', async (weight) => {
    await expect(set({ weight }, { isNew: true })).rejects.toThrow();
    expect(await list()).toEqual({ tenants: [] });
  });

  it('are shown with what the tenant has under way, and known to every replica', async () => {
    await set({ liveAgents: 5, ceilings: { depth: 2 } }, { isNew: true });
    await set({ models: ['scripted:echo'] }, { isNew: true, tenant: 'globex' });
    await world.start();
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
    const events = await world.store.read(streamNames.tenant('acme'));
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
