import { describe, expect, it } from '@jest/globals';
import {
  readTenantEvent,
  storedTenantEvents,
  type QuotaChanges,
  type TenantQuotas,
} from '@skynet/contracts';
import { fold } from '@skynet/kernel';
import { aCommand, loadHistories, specifications } from '@skynet/testing';
import { tenantDecider } from './tenant.decider.js';

const { given } = specifications(tenantDecider);
const set = (changes: QuotaChanges, isNew = false) =>
  aCommand('SetTenantQuotas', { tenant: 'acme', isNew, changes });
const quotasSet = (data: TenantQuotas) => ({ type: 'TenantQuotasSet', data }) as const;

describe('a tenant without quotas', () => {
  it('is given those named', () => {
    given()
      .when(set({ liveAgents: 5, models: [] }, true))
      .then(quotasSet({ liveAgents: 5, models: [] }));
  });

  it('is not taken for one that has some', () => {
    given()
      .when(set({ liveAgents: 5 }))
      .rejects('TENANT_NOT_FOUND');
  });
});

describe('a tenant with quotas', () => {
  const before = quotasSet({ liveAgents: 5, tokensPerDay: 9, ceilings: { tokens: 7, depth: 1 } });

  it('keeps what is not named, and loses what is taken away', () => {
    given(before)
      .when(set({ tokensPerDay: null, runningTrees: 0, ceilings: { depth: null, seconds: 60 } }))
      .then(quotasSet({ liveAgents: 5, runningTrees: 0, ceilings: { tokens: 7, seconds: 60 } }));
  });

  it('has no ceilings left when the last one is taken away', () => {
    given(before)
      .when(set({ ceilings: { depth: null, tokens: null } }))
      .then(quotasSet({ liveAgents: 5, tokensPerDay: 9 }));
  });

  it('is not changed by what it has already', () => {
    given(before)
      .when(set({ tokensPerDay: 9, liveAgents: 5 }))
      .changesNothing();
  });

  it('is given a weight, and none again', () => {
    given(before)
      .when(set({ weight: 3 }))
      .then(quotasSet({ ...before.data, weight: 3 }));
    given(quotasSet({ weight: 3 }))
      .when(set({ weight: null }))
      .then(quotasSet({}));
  });

  it('is not added a second time', () => {
    given(before)
      .when(set({ liveAgents: 6 }, true))
      .rejects('TENANT_EXISTS');
  });
});

const histories = ['v1-tenant', 'v2-tenant'].flatMap((which) =>
  loadHistories(new URL('./histories/', import.meta.url), which),
);

describe.each(histories)('the history $name', ({ events, state }) => {
  it('holds only events of shapes that were frozen then, and folds to what it folded to then', () => {
    for (const { type, version, data } of events) {
      storedTenantEvents.schemaOf(type, version)?.parse(data);
    }
    expect(fold(tenantDecider, events.map(readTenantEvent))).toEqual(state);
  });
});
