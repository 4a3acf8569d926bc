import { beforeEach, describe, expect, it } from '@jest/globals';
import { auditEntrySchema, type AuditEntry } from '@skynet/contracts';
import { ManualClock, recordingLogger } from '@skynet/testing';
import { OverloadedError } from '../messaging/overloaded-error.js';
import { noMetrics } from '../telemetry/metrics.port.js';
import type { Act } from './audit-trail.port.js';
import { BusAuditTrail } from './bus-audit-trail.adapter.js';

const spawn: Act = {
  act: 'spawn_agent',
  outcome: 'allowed',
  principal: 'alice',
  tenant: 'acme',
  client: 'cursor',
  address: '10.0.0.1',
  target: { kind: 'agent', id: 'a-1' },
};
const stranger: Act = { act: 'access', outcome: 'refused', reason: 'there is no bearer token' };

let clock: ManualClock;
let told: { subject: string; entry: AuditEntry; id: string | undefined }[];
let publish: (subject: string) => Promise<void>;
let trail: BusAuditTrail;
let counted: unknown[];

beforeEach(() => {
  clock = new ManualClock(1_000_000);
  told = [];
  counted = [];
  publish = () => Promise.resolve();
  trail = new BusAuditTrail({
    service: 'mcp-edge',
    clock,
    metrics: {
      ...noMetrics,
      counter: () => ({ add: (count, labels) => void counted.push({ count, ...labels }) }),
    },
    log: recordingLogger().log,
    bus: {
      publish: async (subject, data, options) => {
        await publish(subject);
        told.push({ subject, entry: auditEntrySchema.parse(data), id: options?.id });
      },
    },
  });
});

describe('an act', () => {
  it('is told under the name of the service, with an id and a time of its own', async () => {
    await trail.record(spawn);
    await trail.record(spawn);
    expect(told).toHaveLength(2);
    expect(told[0]).toMatchObject({ subject: 'audit.mcp-edge', entry: spawn });
    expect(told[0]?.entry.timeMs).toBe(clock.nowMs());
    expect(told[0]?.id).toBe(told[0]?.entry.id);
    expect(told[0]?.id).not.toBe(told[1]?.id);
  });

  it.each([
    [{ client: 'x'.repeat(10_000) }, { client: 'x'.repeat(200) }],
    [{ reason: `${'x'.repeat(299)}\u{1f600}` }, { reason: `${'x'.repeat(299)}\ufffd` }],
    [{ target: { kind: 'user', id: '' } }, { target: { kind: 'user', id: '?' } }],
    [{ client: '' }, { act: 'spawn_agent', principal: 'alice' }],
    [{ tenant: 'no tenant' }, { act: 'spawn_agent', details: { unreadable: 'tenant' } }],
    [{ details: { roles: 'y'.repeat(500) } }, { details: { roles: 'y'.repeat(200) } }],
  ])('of which a stranger said %# is kept as far as there is room', async (said, kept) => {
    await trail.record({ ...spawn, ...(said as Partial<Act>) });
    expect(told[0]?.entry).toMatchObject(kept);
  });

  it('that is not stored in 2 s is sent again under its id until it is, and holds nobody up', async () => {
    publish = () => Promise.reject(new OverloadedError('full'));
    const recorded = trail.record(spawn);
    await clock.advance(2_000);
    await recorded;
    await expect(trail.healthCheck.check()).resolves.toBeUndefined();
    await clock.advance(9_000);
    await expect(trail.healthCheck.check()).rejects.toThrow('1 acts are not recorded yet');
    publish = () => Promise.resolve();
    await clock.advance(1_000);
    expect(told).toHaveLength(1);
    await expect(trail.healthCheck.check()).resolves.toBeUndefined();
  });

  it('is counted under a name of the list, or as another one', async () => {
    await trail.record(spawn);
    await trail.record({ ...spawn, act: 'whatever-a-caller-says' });
    expect(counted).toEqual([
      { count: 0, act: 'token-reuse', outcome: 'refused' },
      { count: 0, act: 'approve-tools', outcome: 'allowed' },
      { count: 1, act: 'spawn_agent', outcome: 'allowed' },
      { count: 1, act: 'other', outcome: 'allowed' },
    ]);
  });

  it('beyond a thousand that wait is lost', async () => {
    publish = () => Promise.reject(new OverloadedError('full'));
    const recorded = Array.from({ length: 1_005 }, () => trail.record(spawn));
    await clock.advance(2_000);
    await Promise.all(recorded);
    publish = () => Promise.resolve();
    await clock.advance(1_000);
    expect(told).toHaveLength(1_000);
  });
});

describe('what a caller is refused', () => {
  it('is kept a hundred times, then ten times a second; the rest is counted', async () => {
    for (let count = 0; count < 150; count += 1) await trail.record(stranger);
    expect(told).toHaveLength(100);
    await clock.advance(1_000);
    for (let count = 0; count < 50; count += 1) await trail.record(stranger);
    expect(told).toHaveLength(110);
    await clock.advance(60_000);
    const omitted = { act: 'omitted', details: { count: '90', acts: 'access 90' } };
    expect(told.at(-1)?.entry).toMatchObject(omitted);
  });

  it('keeps no room from what others are refused, nor from what is allowed', async () => {
    for (let count = 0; count < 150; count += 1) await trail.record(stranger);
    await trail.record({ ...spawn, outcome: 'refused', reason: 'FORBIDDEN' });
    await trail.record(spawn);
    expect(told).toHaveLength(102);
  });

  it('is told at the end of the process too', async () => {
    for (let count = 0; count < 150; count += 1) await trail.record(stranger);
    await trail.close();
    expect(told.at(-1)?.entry).toMatchObject({ act: 'omitted', details: { count: '50' } });
  });
});
