import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  rejection,
  scheduleRequestSchemas,
  subjects,
  type ScheduleAnswer,
  type ScheduleRequest,
  type ScheduleView,
} from '@skynet/contracts';
import { ManualClock, RecordingAuditTrail } from '@skynet/testing';
import { SPAWNED_AT_MS } from '../testing/agent-rows.js';
import { edgeFixture, type EdgeFixture } from '../testing/edge-fixture.js';

const scheduleId = '00000000-0000-8000-8000-000000000009';
const agentId = '00000000-0000-8000-8000-000000000001';
const agent = { task: { description: 'look around' }, model: { id: 'scripted:echo' } };
const cron = '0 7 * * *';
const date = (ms: number) => new Date(ms).toISOString();

const view: ScheduleView = {
  ...{ scheduleId, principal: 'alice', task: 'look around', status: 'active' },
  ...{ cron, timeZone: 'UTC', catchUp: 'skip', createdAtMs: SPAWNED_AT_MS, nextTickMs: 2_000 },
};
const shape = {
  ...{ scheduleId, principal: 'alice', task: 'look around', status: 'active' },
  ...{ cron, timeZone: 'UTC', catchUp: 'skip' },
  ...{ createdAt: date(SPAWNED_AT_MS), nextTick: date(2_000) },
};

let clock: ManualClock;
let edge: EdgeFixture;
let audit: RecordingAuditTrail;
let created: ScheduleRequest<'create'>[];
let known: ScheduleView[];
let createAnswer: ScheduleAnswer<'create'>;
let listed: ScheduleRequest<'list'>[];

beforeEach(async () => {
  clock = new ManualClock(SPAWNED_AT_MS);
  audit = new RecordingAuditTrail();
  edge = await edgeFixture(clock, audit);
  created = [];
  listed = [];
  known = [];
  createAnswer = { schedule: view, repeated: false };
  const serve = edge.bus.serve.bind(edge.bus);
  serve(subjects.schedules('create'), 'scheduler', async ({ data }) => {
    created.push(scheduleRequestSchemas.create.parse(data));
    return createAnswer;
  });
  serve(subjects.schedules('list'), 'scheduler', async ({ data }) => {
    const request = scheduleRequestSchemas.list.parse(data);
    listed.push(request);
    return { schedules: known.filter((each) => each.scheduleId === request.scheduleId) };
  });
});

const schedule = (input: object, mark?: string) =>
  edge.call('schedule_agent', { agent, ...input }, mark === undefined ? {} : { mark });

describe('schedule_agent', () => {
  it('asks for a cron schedule of whatever spawn_agent takes, in UTC and without catching up', async () => {
    expect(await schedule({ cron })).toEqual({ output: shape });
    expect(created).toMatchObject([
      {
        ...{ tenant: 'acme', principal: 'alice', spawn: agent, catchUp: 'skip' },
        when: { kind: 'cron', expression: cron, timeZone: 'UTC' },
      },
    ]);
  });

  it.each([
    [{ afterSeconds: 60 }, { kind: 'after', seconds: 60 }],
    [
      { afterSeconds: '60', cron: null, at: '' },
      { kind: 'after', seconds: 60 },
    ],
    [{ at: '2026-03-01T08:00:00+01:00' }, { kind: 'at', atMs: Date.UTC(2026, 2, 1, 7) }],
    [
      { cron, timeZone: 'Europe/Berlin', catchUp: 'once' },
      { kind: 'cron', expression: cron, timeZone: 'Europe/Berlin' },
    ],
  ])('takes %j', async (input, when) => {
    expect(await schedule(input)).toHaveProperty('output');
    expect(created).toMatchObject([{ when }]);
  });

  it('answers a repeat also when the owner of agents would spawn none any more', async () => {
    const first = await schedule({ cron, idempotencyKey: 'nightly' });
    expect(first).toHaveProperty('output');
    edge.owner.spawnCheck = { refused: rejection('UNKNOWN_MODEL', 'There is no model x.') };
    expect(await schedule({ cron, idempotencyKey: 'other' })).toMatchObject({
      refused: { code: 'UNKNOWN_MODEL' },
    });
    known = created.map(({ scheduleId }) => ({ ...view, scheduleId }));
    createAnswer = { schedule: view, repeated: true };
    expect(await schedule({ cron, idempotencyKey: 'nightly' })).toMatchObject({
      output: { repeated: true },
    });
  });

  it.each([
    [{}, 'say exactly one of cron, at and afterSeconds'],
    [{ cron, afterSeconds: 5 }, 'say exactly one of cron, at and afterSeconds'],
    [{ at: 'tomorrow' }, 'at: '],
    [{ afterSeconds: 400 * 86_400 }, 'afterSeconds: '],
    [{ cron, agent: {} }, 'agent.task: '],
    [{ cron, agent: { ...agent, wings: 2 } }, 'agent: '],
    [{ cron, agent: { ...agent, tools: ['nonsense'] } }, 'agent.tools.0: '],
    [{ cron, agent: { ...agent, template: 'poet', arguments: { topic: 'x' } } }, 'arguments'],
    [{ cron, parentId: agentId }, 'parentId'],
  ])('refuses %j', async (input, message) => {
    expect(await schedule(input)).toMatchObject({
      refused: { code: 'INVALID_ARGUMENTS', message: expect.stringContaining(message) },
    });
    expect([created, audit.acts]).toEqual([[], []]);
  });

  it('gives the same id for the same key, and for the same message within a minute', async () => {
    await schedule({ cron, idempotencyKey: 'k' });
    await clock.advance(120_000);
    await schedule({ cron: '0 8 * * *', idempotencyKey: 'k' });
    const [first, second] = created;
    expect(second?.scheduleId).toBe(first?.scheduleId);
    expect(second?.askedHash).not.toBe(first?.askedHash);
    await schedule({ cron }, 'message');
    await clock.advance(59_000);
    const { scheduleId: made = '' } = created[2] ?? {};
    known = [{ ...view, scheduleId: made, createdAtMs: clock.nowMs() - 59_000 }];
    await schedule({ cron }, 'message');
    expect(created[3]).toEqual(created[2]);
    await schedule({ cron }, 'another message');
    expect(created[4]?.scheduleId).not.toBe(created[2]?.scheduleId);
  });

  it('says that a schedule was there before, or why there is none', async () => {
    createAnswer = { schedule: view, repeated: true };
    expect(await schedule({ cron })).toMatchObject({ output: { repeated: true } });
    createAnswer = { refused: rejection('LIMIT_SCHEDULES', 'enough', { limit: 'schedules' }) };
    expect(await schedule({ cron })).toMatchObject({ refused: { code: 'LIMIT_SCHEDULES' } });
    expect(audit.acts.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['allowed', undefined],
      ['allowed', undefined],
      ['refused', 'LIMIT_SCHEDULES'],
    ]);
  });

  it('refuses what the owner of agents would refuse, and records no more than that', async () => {
    edge.owner.spawnCheck = { refused: rejection('UNKNOWN_MODEL', 'There is no model x.') };
    expect(await schedule({ cron })).toMatchObject({
      refused: { code: 'UNKNOWN_MODEL', message: 'There is no model x.' },
    });
    expect(created).toEqual([]);
    expect(audit.acts).toMatchObject([{ outcome: 'refused', reason: 'UNKNOWN_MODEL' }]);
  });

  it('is for those who may spawn', async () => {
    const input = { agent, cron };
    for (const from of [{ role: 'viewer' }, { scopes: ['agents:control'] }] as const) {
      const answer = await edge.call('schedule_agent', input, from);
      expect(answer).toMatchObject({ refused: { code: 'FORBIDDEN' } });
    }
    expect(created).toEqual([]);
  });

  it('is unavailable, and may be called again, while no scheduler answers', async () => {
    const away = await edgeFixture(clock);
    const answer = away.call('schedule_agent', { agent, cron });
    await clock.advance(10_000);
    expect(await answer).toMatchObject({ refused: { code: 'UNAVAILABLE' } });
  });
});

describe('list_schedules', () => {
  it('shows what came of the last tick, of the own tenant only', async () => {
    const lastTick = { tickMs: 1_000, agentId, outcome: 'refused', code: 'X', message: 'no' };
    const answering = await edgeFixture(clock);
    answering.bus.serve(subjects.schedules('list'), 'scheduler', async ({ data }) => {
      listed.push(scheduleRequestSchemas.list.parse(data));
      return { schedules: [{ ...view, lastTick, skippedFromMs: 0 }], cursor: 'next' };
    });
    const from = { role: 'viewer', tenant: 'globex' } as const;
    expect(await answering.call('list_schedules', {}, from)).toEqual({
      output: {
        schedules: [
          {
            ...shape,
            lastTick: { time: date(1_000), agentId, outcome: 'refused', code: 'X', message: 'no' },
            skippedFrom: date(0),
          },
        ],
        nextCursor: 'next',
      },
    });
    expect(listed).toEqual([{ tenant: 'globex', limit: 50 }]);
  });

  it('takes no cursor of another list', async () => {
    const answer = await edge.call('list_schedules', { cursor: '5' });
    expect(answer).toMatchObject({ refused: { code: 'INVALID_ARGUMENTS' } });
  });
});

describe('cancel_schedule', () => {
  it('cancels in the name of the caller', async () => {
    const asked: unknown[] = [];
    edge.bus.serve(subjects.schedules('cancel'), 'scheduler', async ({ data }) => {
      asked.push(scheduleRequestSchemas.cancel.parse(data));
      return { schedule: { ...view, status: 'cancelled', nextTickMs: undefined } };
    });
    const answer = await edge.call('cancel_schedule', { scheduleId });
    expect(answer).toMatchObject({ output: { status: 'cancelled' } });
    expect(asked).toEqual([{ tenant: 'acme', principal: 'alice', scheduleId }]);
  });

  it('says that there is none', async () => {
    const refused = rejection('SCHEDULE_NOT_FOUND', 'There is none.');
    edge.bus.serve(subjects.schedules('cancel'), 'scheduler', () => Promise.resolve({ refused }));
    const answer = await edge.call('cancel_schedule', { scheduleId });
    expect(answer).toMatchObject({ refused: { code: 'SCHEDULE_NOT_FOUND' } });
    const viewer = await edge.call('cancel_schedule', { scheduleId }, { role: 'viewer' });
    expect(viewer).toMatchObject({ refused: { code: 'FORBIDDEN' } });
  });
});
