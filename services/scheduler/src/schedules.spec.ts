import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  commandEnvelopeSchema,
  rejection,
  REPLY_HEADER,
  scheduleAnswerSchemas,
  storedScheduleEvents,
  streamNames,
  subjects,
  type CommandEnvelope,
  type CommandReply,
  type ScheduleRequest,
} from '@skynet/contracts';
import { derivedId, MemoryStateStores, type BusMessage } from '@skynet/platform';
import { eventually, ManualClock, RecordingAuditTrail } from '@skynet/testing';
import { SchedulerWorld } from './testing/scheduler-world.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const idOf = (number: number) => `00000000-0000-8000-8000-${String(number).padStart(12, '0')}`;

type Create = ScheduleRequest<'create'>;
type Answer = (command: CommandEnvelope) => CommandReply | undefined;

let clock: ManualClock;
let audit: RecordingAuditTrail;
let world: SchedulerWorld;
let asked: CommandEnvelope[];
let answer: Answer;

const accepted: Answer = ({ id, data }) => {
  const { agentId } = data as { agentId: string };
  return { id, ok: true, agentId, rootId: agentId, status: 'queued', revision: 0 };
};
const refused =
  (...why: Parameters<typeof rejection>): Answer =>
  ({ id }) => ({ id, ok: false, error: rejection(...why) });

/** Plays the owner of agents. */
function receive({ data, headers }: BusMessage): void {
  const command = commandEnvelopeSchema.parse(data);
  asked.push(command);
  const reply = answer(command);
  if (reply !== undefined) world.bus.hint(headers[REPLY_HEADER] ?? '', reply);
}

beforeEach(() => {
  clock = new ManualClock(Date.UTC(2026, 0, 1, 6, 59));
  audit = new RecordingAuditTrail();
  world = new SchedulerWorld(clock, audit);
  asked = [];
  answer = accepted;
  world.broker.consume('cmd.agents.SpawnAgent', receive);
});

afterEach(async () => {
  await world.stop();
  expect(world.bugs).toEqual([]);
});

const cron = (expression: string, timeZone = 'UTC') =>
  ({ kind: 'cron', expression, timeZone }) as const;

async function create(number: number, changes: Partial<Create> = {}) {
  const request: Create = {
    ...{ tenant: 'acme', principal: 'alice', scheduleId: idOf(number) },
    spawn: { task: { description: 'look around' } },
    ...{ when: { kind: 'after', seconds: 10 }, catchUp: 'skip', askedHash: 'a' },
    ...changes,
  };
  const data = await world.bus.request(subjects.schedules('create'), request);
  return scheduleAnswerSchemas.create.parse(data);
}

async function cancel(number: number, tenant = 'acme') {
  const request = { tenant, principal: 'bob', scheduleId: idOf(number) };
  const data = await world.bus.request(subjects.schedules('cancel'), request);
  return scheduleAnswerSchemas.cancel.parse(data);
}

async function list(changes: Partial<ScheduleRequest<'list'>> = {}) {
  const request = { tenant: 'acme', limit: 50, ...changes };
  const data = await world.bus.request(subjects.schedules('list'), request);
  return scheduleAnswerSchemas.list.parse(data);
}

const agentsAsked = () => new Set(asked.map(({ data }) => (data as { agentId: string }).agentId));
const typesOf = async (number: number) =>
  (await world.store.read(streamNames.schedule(idOf(number)))).map(({ type }) => type);

describe('a delayed spawn', () => {
  it('keeps all that a spawn takes', async () => {
    await world.start();
    const task = { description: 'look around' };
    const spawn = {
      ...{ task, name: 'Night watch', metadata: { a: 'b' } },
      ...{ template: 'watch', arguments: { place: 'gate' }, outputSchema: { type: 'array' } },
    };
    await create(1, { spawn });
    const [created] = await world.store.read(streamNames.schedule(idOf(1)));
    const read = created && storedScheduleEvents.readUntrusted(created);
    expect(read).toMatchObject({ type: 'ScheduleCreated', data: { spawn } });
  });

  it('asks for its agent when the time has come, as its principal, and is over then', async () => {
    await world.start();
    expect(await create(1)).toMatchObject({ repeated: false, schedule: { status: 'active' } });
    await clock.advance(10 * SECOND - 1);
    expect(asked).toEqual([]);
    await clock.advance(1);
    const command = { tenant: 'acme', principal: 'alice', data: { arguments: { task: {} } } };
    await eventually(() => expect(asked).toMatchObject([command]));
    const tickMs = Date.UTC(2026, 0, 1, 6, 59, 10);
    const agentId = derivedId('schedule tick', idOf(1), tickMs);
    expect([...agentsAsked()]).toEqual([agentId]);
    const lastTick = { tickMs, agentId, outcome: 'spawned' };
    await eventually(async () => {
      const { schedules } = await list();
      expect(schedules).toMatchObject([{ status: 'ended', lastTick }]);
      expect(schedules[0]?.nextTickMs).toBeUndefined();
    });
    expect(audit.acts).toEqual([
      {
        ...{ act: 'spawn_agent', outcome: 'allowed', principal: 'alice', tenant: 'acme' },
        ...{ target: { kind: 'agent', id: agentId }, details: { schedule: idOf(1) } },
      },
    ]);
    await clock.advance(10 * MINUTE);
    expect(asked).toHaveLength(1);
  });

  it('comes late rather than never when no scheduler was there', async () => {
    const first = await world.start();
    await create(1, { when: { kind: 'at', atMs: clock.nowMs() + MINUTE } });
    await first.stop();
    await clock.advance(60 * MINUTE);
    await world.start();
    await clock.advance(SECOND);
    expect(asked).toHaveLength(1);
  });
});

describe('a cron schedule', () => {
  it('asks for one agent at each of its times, each time another', async () => {
    await world.start();
    await create(1, { when: cron('0 7,8 * * *') });
    await clock.advance(62 * MINUTE);
    expect(agentsAsked().size).toBe(2);
    expect(asked).toHaveLength(2);
    const [schedule] = (await list()).schedules;
    expect(schedule).toMatchObject({
      ...{ cron: '0 7,8 * * *', timeZone: 'UTC', status: 'active' },
      nextTickMs: Date.UTC(2026, 0, 2, 7),
    });
  });

  it.each([
    ['skip', 1],
    ['once', 2],
  ] as const)('missed for hours, with catch-up %s', async (catchUp, count) => {
    const first = await world.start();
    await create(1, { when: cron('0 * * * *'), catchUp });
    await clock.advance(2 * MINUTE);
    expect(asked).toHaveLength(1);
    await first.stop();
    await clock.advance(5 * 60 * MINUTE + 30 * MINUTE);
    await world.start();
    await clock.advance(5 * SECOND);
    expect(asked).toHaveLength(count);
    const [schedule] = (await list()).schedules;
    expect(schedule).toMatchObject({
      skippedFromMs: Date.UTC(2026, 0, 1, 8),
      nextTickMs: Date.UTC(2026, 0, 1, 13),
    });
  });

  it('says why an agent was refused, and goes on with the next', async () => {
    await world.start();
    answer = refused('UNKNOWN_MODEL', 'There is no model x.');
    await create(1, { when: cron('* * * * *') });
    await clock.advance(MINUTE);
    const lastTick = { outcome: 'refused', code: 'UNKNOWN_MODEL', message: 'There is no model x.' };
    await eventually(async () =>
      expect((await list()).schedules).toMatchObject([{ status: 'active', lastTick }]),
    );
    expect(audit.acts).toMatchObject([{ outcome: 'refused', reason: 'UNKNOWN_MODEL' }]);
    await clock.advance(MINUTE);
    await eventually(() => expect(asked).toHaveLength(2));
  });

  it('asks again for an agent that may come later, until its next time', async () => {
    await world.start();
    answer = refused('TENANT_LIMIT', 'enough for this minute', { retryAfterMs: 20_000 });
    await create(1, { when: cron('* * * * *') });
    await clock.advance(MINUTE + 45 * SECOND);
    expect([asked.length, agentsAsked().size]).toEqual([3, 1]);
    expect((await list()).schedules).toMatchObject([{ lastTick: { outcome: 'starting' } }]);
    await clock.advance(20 * SECOND);
    answer = accepted;
    await clock.advance(MINUTE);
    const outcomes = (await world.store.read(streamNames.schedule(idOf(1))))
      .filter(({ type }) => type === 'TickSettled')
      .map(({ data }) => (data as { outcome: { kind: string } }).outcome.kind);
    expect(outcomes.slice(0, 2)).toEqual(['refused', 'spawned']);
  });
});

describe('a tick that comes late', () => {
  it('asks again for its agent for an hour from then on', async () => {
    const first = await world.start();
    await create(1, { when: { kind: 'at', atMs: clock.nowMs() + MINUTE } });
    await create(2, { when: cron('0 7 * * *'), catchUp: 'once' });
    await first.stop();
    await clock.advance(3 * 60 * MINUTE);
    answer = refused('TENANT_LIMIT', 'enough for this minute', { retryAfterMs: 20_000 });
    await world.start();
    await clock.advance(5 * MINUTE);
    const starting = { lastTick: { outcome: 'starting' } };
    expect((await list()).schedules).toMatchObject([starting, starting]);
    answer = accepted;
    await clock.advance(MINUTE);
    const spawned = { lastTick: { outcome: 'spawned' } };
    expect((await list()).schedules).toMatchObject([spawned, spawned]);
  });

  it('is refused when the hour is over', async () => {
    await world.start();
    answer = refused('OVERLOADED', 'later', { retryAfterMs: 60_000 });
    await create(1);
    await clock.advance(59 * MINUTE);
    expect((await list()).schedules).toMatchObject([{ lastTick: { outcome: 'starting' } }]);
    await clock.advance(3 * MINUTE);
    expect((await list()).schedules).toMatchObject([
      { status: 'ended', lastTick: { outcome: 'refused', code: 'OVERLOADED' } },
    ]);
  });
});

describe('the agent of a tick', () => {
  it('is one when two schedulers take themselves for the leader', async () => {
    await world.start();
    await world.start();
    await create(1, { when: cron('* * * * *') });
    await clock.advance(3 * MINUTE);
    expect(agentsAsked().size).toBe(3);
    const types = await typesOf(1);
    expect(types.filter((type) => type === 'TickStarted')).toHaveLength(3);
    expect(types.filter((type) => type === 'TickSettled')).toHaveLength(3);
  });

  it('is the same one for who leads after a scheduler that stopped while it asked', async () => {
    const states = new MemoryStateStores(clock);
    const first = await world.start(states);
    await world.start(states);
    answer = () => undefined;
    await create(1);
    await clock.advance(11 * SECOND);
    expect(await typesOf(1)).toEqual(['ScheduleCreated', 'TickStarted']);
    const [agentId] = agentsAsked();
    await first.stop();
    answer = accepted;
    await clock.advance(5 * SECOND);
    expect([...agentsAsked()]).toEqual([agentId]);
    expect(await typesOf(1)).toEqual(['ScheduleCreated', 'TickStarted', 'TickSettled']);
    expect((await list()).schedules).toMatchObject([{ lastTick: { agentId, outcome: 'spawned' } }]);
  });

  it('is asked for again while nobody answers, and after the queue took nothing', async () => {
    await world.start();
    await create(1);
    world.broker.capacity = world.broker.published.length;
    await clock.advance(12 * SECOND);
    world.broker.capacity = Infinity;
    answer = () => undefined;
    await clock.advance(5 * SECOND);
    expect(asked.length).toBeGreaterThan(1);
    answer = accepted;
    await clock.advance(5 * SECOND);
    expect(agentsAsked().size).toBe(1);
    expect((await list()).schedules).toMatchObject([{ status: 'ended' }]);
  });
});

describe('a command that came too late', () => {
  it('says nothing of the agent, which is asked for again until its owner knows', async () => {
    await world.start();
    answer = refused('COMMAND_EXPIRED', 'too late');
    await create(1, { when: cron('* * * * *') });
    await clock.advance(MINUTE + 70 * SECOND);
    expect([asked.length > 60, agentsAsked().size]).toEqual([true, 1]);
    expect(await typesOf(1)).toEqual(['ScheduleCreated', 'TickStarted']);
    answer = accepted;
    await clock.advance(5 * SECOND);
    const ticks = ['TickStarted', 'TickSettled', 'TickStarted', 'TickSettled'];
    expect(await typesOf(1)).toEqual(['ScheduleCreated', ...ticks]);
  });
});

describe('a schedule in a time zone that is unknown here', () => {
  it('has no ticks, can be cancelled, and the others go on', async () => {
    const timing = cron('* * * * *', 'Mars/Base');
    const known = { tenant: 'acme', principal: 'alice', scheduleId: idOf(1) };
    const spawn = { task: { description: 'look around' } };
    const times = { createdAtMs: clock.nowMs(), nextTickMs: clock.nowMs() + MINUTE };
    const data = { ...known, spawn, timing, catchUp: 'skip', askedHash: 'a', ...times };
    const commit = { id: 'a', index: 0, size: 1 };
    const metadata = { correlationId: '', causationId: '', tenant: 'acme', principal: 'alice' };
    const event = { id: 'a', type: 'ScheduleCreated', version: 1, data, timeMs: clock.nowMs() };
    await world.store.append(
      streamNames.schedule(idOf(1)),
      [{ ...event, metadata: { ...metadata, epoch: 0, commit } }],
      'no-stream',
    );
    await world.start();
    await create(2, { when: cron('* * * * *') });
    await clock.advance(3 * MINUTE);
    await eventually(() => expect(asked).toHaveLength(3));
    expect(await typesOf(1)).toEqual(['ScheduleCreated']);
    expect(await cancel(1)).toMatchObject({ schedule: { status: 'cancelled' } });
  });
});

describe('what is asked for', () => {
  beforeEach(() => world.start());

  it('makes one schedule, however often it is sent, and another one is a conflict', async () => {
    await create(1);
    await clock.advance(5 * SECOND);
    const again = await create(1);
    expect(again).toMatchObject({ repeated: true });
    const other = await create(1, { askedHash: 'b' });
    expect(other).toMatchObject({ refused: { code: 'IDEMPOTENCY_CONFLICT' } });
    await clock.advance(MINUTE);
    expect(asked).toHaveLength(1);
    expect(await create(1)).toMatchObject({ repeated: true, schedule: { status: 'ended' } });
  });

  it.each([
    [{ when: cron('61 * * * *') }, 'cron: '],
    [{ when: cron('0 7 * * *', 'Mars/Base') }, 'timeZone: '],
    [{ when: { kind: 'at', atMs: Date.UTC(2025, 0, 1) } }, 'at: 2025-01-01T00:00:00.000Z is over'],
    [{ when: { kind: 'at', atMs: Date.UTC(2028, 0, 1) } }, 'at: more than a year ahead'],
    [{ spawn: { task: { description: 'x'.repeat(40_000) } } }, 'agent: 40'],
  ] as const)('is refused with the reason: %#', async (changes, message) => {
    expect(await create(1, changes)).toMatchObject({
      refused: { code: 'INVALID_ARGUMENTS', message: expect.stringContaining(message) },
    });
    expect(await typesOf(1)).toEqual([]);
  });

  it('is refused beyond the most that a tenant may have, until one is over', async () => {
    for (const number of [1, 2, 3]) await create(number);
    const refused = { refused: { code: 'LIMIT_SCHEDULES', limit: 'schedules' } };
    expect(await create(4)).toMatchObject(refused);
    expect(await create(4, { tenant: 'globex' })).toMatchObject({ repeated: false });
    await cancel(1);
    expect(await create(5)).toMatchObject({ repeated: false });
  });

  it('is refused beyond the most also of those that are asked for at the same time', async () => {
    const made = await Promise.all([1, 2, 3, 4, 5, 6].map((number) => create(number)));
    expect(made.filter((answer) => 'schedule' in answer)).toHaveLength(3);
    const again = await Promise.all([1, 1, 2, 3].map((number) => create(number)));
    expect(again).toMatchObject([1, 2, 3, 4].map(() => ({ repeated: true })));
  });
});

describe('a cancelled schedule', () => {
  beforeEach(() => world.start());

  it('asks for no agent any more, and stays cancelled', async () => {
    await create(1);
    expect(await cancel(1)).toMatchObject({ schedule: { status: 'cancelled' } });
    expect(await cancel(1)).toMatchObject({ schedule: { status: 'cancelled' } });
    expect(await typesOf(1)).toEqual(['ScheduleCreated', 'ScheduleCancelled']);
    await clock.advance(MINUTE);
    expect(asked).toEqual([]);
  });

  it('asks no more for an agent that was to come later', async () => {
    answer = refused('TENANT_LIMIT', 'enough for this minute', { retryAfterMs: 20_000 });
    await create(1);
    await clock.advance(11 * SECOND);
    expect(asked).toHaveLength(1);
    await cancel(1);
    answer = accepted;
    await clock.advance(MINUTE);
    expect(asked).toHaveLength(1);
    const lastTick = { outcome: 'refused', code: 'TENANT_LIMIT' };
    expect((await list()).schedules).toMatchObject([{ status: 'cancelled', lastTick }]);
  });

  it('asks once more for an agent that may be there', async () => {
    answer = () => undefined;
    await create(1);
    await clock.advance(11 * SECOND);
    await cancel(1);
    answer = refused('TENANT_LIMIT', 'enough for this minute', { retryAfterMs: 20_000 });
    await clock.advance(MINUTE);
    expect(asked).toHaveLength(2);
    const lastTick = { outcome: 'refused', code: 'TENANT_LIMIT' };
    expect((await list()).schedules).toMatchObject([{ status: 'cancelled', lastTick }]);
  });

  it('is none of another tenant', async () => {
    await create(1);
    expect(await cancel(1, 'globex')).toMatchObject({ refused: { code: 'SCHEDULE_NOT_FOUND' } });
    expect(await cancel(9)).toMatchObject({ refused: { code: 'SCHEDULE_NOT_FOUND' } });
    expect((await list({ tenant: 'globex' })).schedules).toEqual([]);
  });
});

describe('the list of schedules', () => {
  it('comes in pages, oldest first, or one by its id', async () => {
    await world.start();
    for (const number of [3, 1, 2]) {
      await create(number);
      await clock.advance(1);
    }
    const first = await list({ limit: 2 });
    const rest = await list({ limit: 2, cursor: first.cursor });
    const ids = [...first.schedules, ...rest.schedules].map(({ scheduleId }) => scheduleId);
    expect(ids).toEqual([idOf(3), idOf(1), idOf(2)]);
    expect(rest.cursor).toBeUndefined();
    expect((await list({ scheduleId: idOf(1) })).schedules).toHaveLength(1);
  });
});
