import { describe, expect, it } from '@jest/globals';
import {
  readScheduleEvent,
  scheduleEventSchemas,
  type ScheduleDefinition,
  type ScheduleEvent,
} from '@skynet/contracts';
import { fold } from '@skynet/kernel';
import { aCommand, anAgentId, loadHistories, specifications } from '@skynet/testing';
import { agentScheduleDecider, isOver, type AgentSchedule } from './agent-schedule.decider.js';
import { dueStep } from './due-step.js';

const MINUTE = 60_000;
const agentId: string = anAgentId(1);

const definition: ScheduleDefinition = {
  scheduleId: '00000000-0000-8000-8000-000000000001',
  tenant: 'acme',
  principal: 'alice',
  spawn: { task: { description: 'look' } },
  timing: { kind: 'cron', expression: '* * * * *', timeZone: 'UTC' },
  catchUp: 'skip',
  askedHash: 'a',
  createdAtMs: 0,
  nextTickMs: MINUTE,
};

const created = (changes: Partial<ScheduleDefinition> = {}): ScheduleEvent => ({
  type: 'ScheduleCreated',
  data: { ...definition, ...changes },
});
const started = (tick: number, next?: number) =>
  ({
    type: 'TickStarted',
    data: { tickMs: tick * MINUTE, agentId, nextTickMs: next && next * MINUTE },
  }) as const;
const settled = (tick: number) =>
  ({
    type: 'TickSettled',
    data: { tickMs: tick * MINUTE, outcome: { kind: 'spawned' } },
  }) as const;
const cancelled: ScheduleEvent = { type: 'ScheduleCancelled', data: { by: 'bob' } };

const start = (tick: number, next?: number) => aCommand('StartTick', started(tick, next).data);
const settle = (tick: number) => aCommand('SettleTick', settled(tick).data);
const cancel = aCommand('CancelSchedule', { by: 'bob' });
const create = (changes: Partial<ScheduleDefinition> = {}) =>
  aCommand('CreateSchedule', { ...definition, ...changes });

const { given } = specifications(agentScheduleDecider);

describe('a schedule', () => {
  it('is made once, however often the same is asked for', () => {
    given().when(create()).then(created());
    given(created())
      .when(create({ nextTickMs: 9 }))
      .changesNothing();
    given(created())
      .when(create({ askedHash: 'b' }))
      .rejects('IDEMPOTENCY_CONFLICT');
  });

  it('starts a tick once, and none before the last is settled', () => {
    given(created()).when(start(1, 2)).then(started(1, 2));
    given(created(), started(1, 2)).when(start(1, 2)).changesNothing();
    given(created(), started(1, 2)).when(start(2, 3)).changesNothing();
    given(created(), started(1, 2), settled(1)).when(start(1, 2)).changesNothing();
    given(created(), started(1, 2), settled(1)).when(start(2, 3)).then(started(2, 3));
  });

  it('says which ticks it passed over', () => {
    const skipped = { fromMs: MINUTE, nextTickMs: 5 * MINUTE };
    given(created()).when(start(5, 6)).then({ type: 'TicksSkipped', data: skipped }, started(5, 6));
    given(created())
      .when(aCommand('SkipTicks', skipped))
      .then({ type: 'TicksSkipped', data: skipped });
    given(created(), started(1, 2)).when(aCommand('SkipTicks', skipped)).changesNothing();
  });

  it('settles the tick that is open, once', () => {
    given(created(), started(1, 2)).when(settle(1)).then(settled(1));
    given(created(), started(1, 2), settled(1)).when(settle(1)).changesNothing();
    given(created(), started(1, 2)).when(settle(2)).changesNothing();
  });

  it('starts no tick after it was cancelled, and still settles the one before', () => {
    given(created()).when(cancel).then(cancelled);
    given(created(), cancelled).when(cancel).changesNothing();
    given(created(), cancelled).when(start(1, 2)).changesNothing();
    given(created(), started(1, 2), cancelled).when(settle(1)).then(settled(1));
    given(created(), started(1), settled(1)).when(cancel).changesNothing();
  });

  it('is cancelled while the agent of its last tick is asked for', () => {
    given(created(), started(1)).when(cancel).then(cancelled);
    given(created(), started(1), cancelled).when(cancel).changesNothing();
  });

  it('that is not there is neither started nor cancelled', () => {
    given().when(cancel).rejects('SCHEDULE_NOT_FOUND');
    given().when(start(1)).rejects('SCHEDULE_NOT_FOUND');
  });
});

describe('what is due', () => {
  const stateOf = (...events: ScheduleEvent[]): AgentSchedule => {
    const state = fold(agentScheduleDecider, events);
    if (state === undefined) throw new Error('no schedule');
    return state;
  };
  const due = (state: AgentSchedule, now: number, latest = Math.floor(now)) =>
    dueStep(state, now * MINUTE, () => latest * MINUTE);

  it('is nothing before the next tick, nor when all is over', () => {
    expect(due(stateOf(created()), 0.9)).toBeUndefined();
    const over = stateOf(created(), started(1), settled(1));
    expect([due(over, 9), isOver(over)]).toEqual([undefined, true]);
  });

  it('is the next tick, also when it is a little late', () => {
    const state = stateOf(created());
    expect(due(state, 1)).toEqual({ kind: 'start', tickMs: MINUTE });
    expect(due(state, 2)).toEqual({ kind: 'start', tickMs: MINUTE });
  });

  it('is the agent of a tick that was started and not settled, cancelled or not', () => {
    const spawn = { kind: 'spawn', tickMs: MINUTE, agentId };
    expect(due(stateOf(created(), started(1, 2)), 1)).toEqual(spawn);
    const state = stateOf(created(), started(1, 2), cancelled);
    expect([due(state, 9), isOver(state)]).toEqual([spawn, false]);
  });

  it('is the latest tick after a longer absence, where that is not long ago or made up for', () => {
    expect(due(stateOf(created()), 9.5)).toEqual({ kind: 'start', tickMs: 9 * MINUTE });
    const skip = { kind: 'skip', fromMs: MINUTE };
    expect(due(stateOf(created()), 9.5, 5)).toEqual(skip);
    const once = stateOf(created({ catchUp: 'once' }));
    expect(due(once, 9.5, 5)).toEqual({ kind: 'start', tickMs: 5 * MINUTE });
  });

  it('is what comes once, however late', () => {
    const once = stateOf(created({ timing: { kind: 'once', atMs: MINUTE } }));
    expect(due(once, 99)).toEqual({ kind: 'start', tickMs: MINUTE });
  });
});

describe.each(loadHistories(new URL('../histories/', import.meta.url), 'v1-schedule'))(
  'the history $name of version 1',
  ({ events, state }) => {
    it('holds only events of shapes that were frozen then, and folds to what it folded to then', () => {
      for (const { type, data } of events) {
        scheduleEventSchemas[type as keyof typeof scheduleEventSchemas].parse(data);
      }
      expect(fold(agentScheduleDecider, events.map(readScheduleEvent))).toEqual(state);
    });
  },
);
