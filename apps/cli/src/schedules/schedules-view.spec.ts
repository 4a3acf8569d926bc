import { describe, expect, it } from '@jest/globals';
import type { ScheduleShape } from '@skynet/contracts';
import { renderSchedules } from './schedules-view.js';

const schedule: ScheduleShape = {
  ...{ scheduleId: 's1', status: 'active', task: 'look\naround', principal: 'alice' },
  ...{ createdAt: '2026-01-01T00:00:00.000Z', cron: '0 7 * * *', timeZone: 'UTC' },
  nextTick: '2026-01-02T07:00:00.000Z',
};
const lineOf = (changes: Partial<ScheduleShape>) =>
  renderSchedules([{ ...schedule, ...changes }])[1]?.replaceAll(/ {2,}/g, '|');

describe('schedules', () => {
  it('are shown with their next tick and what came of the last', () => {
    expect(lineOf({})).toBe('s1|active|0 7 * * * UTC|2026-01-02T07:00:00.000Z|-|-|look around');
    const time = '2026-01-01T07:00:00.000Z';
    const spawned = { time, agentId: 'a1', outcome: 'spawned' } as const;
    expect(lineOf({ lastTick: spawned })).toContain(`|${time}|spawned: a1|`);
    const refused = { ...spawned, outcome: 'refused', code: 'UNKNOWN_MODEL' } as const;
    expect(lineOf({ lastTick: refused })).toContain('|refused: UNKNOWN_MODEL|');
  });

  it('that come once are shown so', () => {
    const once = { cron: undefined, timeZone: undefined, nextTick: undefined };
    expect(lineOf(once)).toBe('s1|active|once|-|-|-|look around');
  });
});
