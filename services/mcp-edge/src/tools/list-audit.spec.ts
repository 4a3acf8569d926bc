import { beforeEach, describe, expect, it } from '@jest/globals';
import { auditRequestSchemas, subjects, type AuditRecord } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import { SPAWNED_AT_MS } from '../testing/agent-rows.js';
import { edgeFixture, type EdgeFixture } from '../testing/edge-fixture.js';

const RECORD: AuditRecord = {
  seq: 7,
  service: 'auth',
  entry: {
    id: '00000000-0000-4000-8000-000000000007',
    timeMs: SPAWNED_AT_MS,
    act: 'login',
    outcome: 'refused',
    principal: 'bob',
    tenant: 'acme',
    client: 'cursor',
    address: '10.0.0.1',
    target: { kind: 'user', id: 'bob' },
    reason: 'wrong password',
    details: { tries: '3' },
  },
  source: { stream: 'AUDIT', sequence: 8 },
  prev: '0'.repeat(64),
  hash: '1'.repeat(64),
};
const admin = { role: 'admin' as const };

let edge: EdgeFixture;
let asked: unknown[];

beforeEach(async () => {
  edge = await edgeFixture(new ManualClock(SPAWNED_AT_MS));
  asked = [];
  edge.bus.serve(subjects.auditQuery('list'), 'auth', async ({ data }) => {
    asked.push(auditRequestSchemas.list.parse(data));
    return { records: [RECORD], cursor: '0.6' };
  });
});

describe('list_audit', () => {
  it('shows an administrator what happened in the own tenant', async () => {
    const input = { act: 'login', since: '2026-01-01T00:00:00Z', limit: 10 };
    const answer = await edge.call('list_audit', input, admin);
    const { id: _id, timeMs, tenant: _tenant, ...said } = RECORD.entry;
    expect(answer).toEqual({
      output: {
        records: [{ seq: 7, time: new Date(timeMs).toISOString(), ...said }],
        nextCursor: '0.6',
      },
    });
    const sinceMs = Date.UTC(2026, 0, 1);
    expect(asked).toEqual([{ tenant: 'acme', act: 'login', sinceMs, limit: 10 }]);
  });

  it.each([
    [{ cursor: 'x' }, 'cursor'],
    [{ since: 'yesterday' }, 'since'],
    [{ limit: 1_000 }, 'limit'],
    [{ tenant: 'other' }, 'tenant'],
  ])('refuses %j', async (input, named) => {
    const answer = await edge.call('list_audit', input, admin);
    expect(answer).toMatchObject({ refused: { code: 'INVALID_ARGUMENTS' } });
    expect(JSON.stringify(answer)).toContain(named);
    expect(asked).toEqual([]);
  });

  it('is for administrators', async () => {
    const answer = await edge.call('list_audit', {}, { role: 'operator' });
    expect(answer).toMatchObject({ refused: { code: 'FORBIDDEN' } });
  });
});
