import { describe, expect, it } from '@jest/globals';
import { faultOfCron, latestTickMs, nextTickMs } from './cron.js';

const cron = (expression: string, timeZone = 'UTC') =>
  ({ kind: 'cron', expression, timeZone }) as const;
const ms = (time: string) => Date.parse(time);
const next = (timing: ReturnType<typeof cron>, after: string) =>
  new Date(nextTickMs(timing, ms(after)) ?? NaN).toISOString();

describe('a cron expression', () => {
  it('names the minute after a time', () => {
    expect(next(cron('0 7 * * *'), '2026-01-01T07:00:00Z')).toBe('2026-01-02T07:00:00.000Z');
    expect(next(cron('*/15 * * * MON-FRI'), '2026-01-02T23:50:00Z')).toBe(
      '2026-01-05T00:00:00.000Z',
    );
  });

  it('is read in its time zone, also where clocks are changed', () => {
    const berlin = cron('30 2 * * *', 'Europe/Berlin');
    expect(next(berlin, '2026-01-01T00:00:00Z')).toBe('2026-01-01T01:30:00.000Z');
    // There is no 02:30 on the 29th of March, and there are two on the 25th of October.
    expect(next(berlin, '2026-03-28T12:00:00Z')).toMatch(/^2026-03-29T01:/);
    expect(next(berlin, '2026-10-24T12:00:00Z')).toBe('2026-10-25T00:30:00.000Z');
    expect(next(berlin, '2026-10-25T00:30:00Z')).toBe('2026-10-26T01:30:00.000Z');
  });

  it.each([
    ['* * * *', 'five fields'],
    ['* * * * * *', 'five fields'],
    ['@daily', 'five fields'],
    ['61 * * * *', 'cron: '],
    ['a b c d e', 'cron: '],
    ['0 0 30 2 *', 'never comes'],
    [`${'1,'.repeat(200)}1 * * * *`, 'five fields'],
  ])('is none: %s', (expression, fault) => {
    expect(faultOfCron(cron(expression), ms('2026-01-01T00:00:00Z'))).toContain(fault);
  });

  it.each(['Mars/Base', '', '+02:00', 'x'.repeat(500)])('has no time zone %s', (timeZone) => {
    expect(faultOfCron(cron('* * * * *', timeZone), 0)).toContain('timeZone: expected an IANA');
  });

  it('is one', () => {
    expect(faultOfCron(cron('0 7 * * 1-5', 'America/New_York'), 0)).toBeUndefined();
  });
});

describe('the latest tick', () => {
  const from = ms('2026-01-01T00:00:00Z');
  const latest = (expression: string, now: string) =>
    new Date(latestTickMs(cron(expression), from, ms(now))).toISOString();

  it.each([
    ['* * * * *', '2026-12-31T10:00:30Z', '2026-12-31T10:00:00.000Z'],
    ['* * * * *', '2026-12-31T10:00:00Z', '2026-12-31T10:00:00.000Z'],
    ['0 0 1 * *', '2026-12-31T10:00:30Z', '2026-12-01T00:00:00.000Z'],
    ['0 0 1 1 *', '2026-12-31T10:00:30Z', '2026-01-01T00:00:00.000Z'],
    ['* 9 1-15 * *', '2026-12-31T10:00:30Z', '2026-12-15T09:59:00.000Z'],
  ])('of %s at %s is %s', (expression, now, expected) => {
    expect(latest(expression, now)).toBe(expected);
  });
});
