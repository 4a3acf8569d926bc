import { beforeEach, describe, expect, it } from '@jest/globals';
import { rejection, subjects, type SetQuotasRequest } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import { SPAWNED_AT_MS } from '../../testing/agent-rows.js';
import { edgeFixture, type EdgeFixture } from '../../testing/edge-fixture.js';

let edge: EdgeFixture;

beforeEach(async () => {
  edge = await edgeFixture(new ManualClock(SPAWNED_AT_MS));
});

describe('get_usage', () => {
  it('shows what the own tenant has, beside its limits', async () => {
    edge.owner.usage = {
      ...edge.owner.usage,
      ...{ liveAgents: 7, tokensOfDay: 12, dayEndsMs: Date.UTC(2026, 0, 2) },
      quotas: { liveAgents: 10, weight: 3, tokensPerDay: 0 },
    };
    const nothing = { now: 0 };
    expect(await edge.call('get_usage', {}, { role: 'viewer' })).toEqual({
      output: {
        ...{ tenant: 'acme', weight: 3 },
        liveAgents: { now: 7, limit: 10 },
        runningTrees: nothing,
        waitingTrees: { now: 0, limit: 1_000 },
        spawnsLastMinute: nothing,
        tokensToday: { now: 12, limit: 0 },
        costMicroUsdToday: nothing,
        dayResetsAt: '2026-01-02T00:00:00.000Z',
        asOf: '1970-01-01T00:00:00.000Z',
      },
    });
    expect(edge.owner.questions).toEqual([{ query: 'usage', request: { tenant: 'acme' } }]);
  });

  it('is about no other tenant', async () => {
    expect(await edge.call('get_usage', { tenant: 'globex' })).toMatchObject({
      refused: { code: 'INVALID_ARGUMENTS' },
    });
  });
});

describe('quotas of any tenant', () => {
  let asked: SetQuotasRequest[];
  let known: boolean;
  const ADMIN = { role: 'admin' } as const;
  const load = { liveAgents: 0, runningTrees: 0, waitingTrees: 0 };
  const globex = (quotas: object) => ({ tenant: 'globex', quotas, ...load });

  beforeEach(() => {
    asked = [];
    known = true;
    edge.bus.serve(subjects.listTenants, 'scheduler', async () => ({
      tenants: [globex({ liveAgents: 5, weight: 2 })],
    }));
    edge.bus.serve(subjects.setQuotas, 'scheduler', async ({ data }) => {
      asked.push(data as SetQuotasRequest);
      if (!known && !asked.at(-1)?.isNew) return { refused: rejection('TENANT_NOT_FOUND', 'no') };
      return { tenant: globex({ liveAgents: 6 }) };
    });
  });

  it('are shown to administrators of the tenant that runs the deployment', async () => {
    expect(await edge.call('get_tenant', { tenant: 'globex' }, ADMIN)).toMatchObject({
      output: {
        quotas: { liveAgents: 5, weight: 2 },
        usage: { tenant: 'globex', weight: 2, liveAgents: { now: 0, limit: 5 } },
      },
    });
  });

  it('are set, and taken away', async () => {
    const input = { tenant: 'globex', liveAgents: 6, remove: ['weight', 'ceilings'] };
    expect(await edge.call('set_tenant_quotas', input, ADMIN)).toMatchObject({
      output: { tenant: 'globex', quotas: { liveAgents: 6 } },
    });
    const changes = { liveAgents: 6, weight: null, ceilings: { tokens: null, depth: null } };
    expect(asked).toMatchObject([{ tenant: 'globex', isNew: false, by: 'alice', changes }]);
  });

  it('are given to a tenant that has none yet', async () => {
    known = false;
    const answer = await edge.call('set_tenant_quotas', { tenant: 'globex', weight: 3 }, ADMIN);
    expect(answer).toHaveProperty('output');
    expect(asked.map(({ isNew }) => isNew)).toEqual([false, true]);
  });

  it.each([
    { weight: 0 },
    { weight: 101 },
    { liveAgents: -1 },
    { remove: ['slots'] },
    { slots: 1 },
  ])('are not what they may not be: %j', async (wrong) => {
    const answer = await edge.call('set_tenant_quotas', { tenant: 'globex', ...wrong }, ADMIN);
    expect(answer).toMatchObject({ refused: { code: 'INVALID_ARGUMENTS' } });
    expect(asked).toEqual([]);
  });

  it.each([
    ['an operator', { role: 'operator' }],
    ['an administrator of another tenant', { role: 'admin', tenant: 'globex' }],
    ['a token without the scope', { role: 'admin', scopes: ['agents:read'] }],
  ] as const)('are not for %s', async (_, from) => {
    for (const tool of ['get_tenant', 'set_tenant_quotas'] as const) {
      const answer = await edge.call(tool, { tenant: 'globex', liveAgents: 9 }, from);
      expect(answer).toMatchObject({ refused: { code: 'FORBIDDEN' } });
    }
    expect(asked).toEqual([]);
  });
});
