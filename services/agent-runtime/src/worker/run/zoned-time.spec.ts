import { describe, expect, it } from '@jest/globals';
import { timeIn } from './zoned-time.js';

const MS = Date.UTC(2026, 6, 5, 22, 4, 9);

describe('the time as agents are told it', () => {
  it.each([
    ['UTC', '2026-07-05T22:04:09+00:00, Sunday, UTC'],
    ['Europe/Berlin', '2026-07-06T00:04:09+02:00, Monday, Europe/Berlin'],
    ['America/St_Johns', '2026-07-05T19:34:09-02:30, Sunday, America/St_Johns'],
  ])('%s', (zone, told) => {
    expect(timeIn(zone, MS)).toBe(told);
  });

  it('is UTC without a zone, and nothing in one that is none', () => {
    expect(timeIn(undefined, MS)).toContain('+00:00');
    expect(timeIn('Mars/Olympus', MS)).toBeUndefined();
  });
});
