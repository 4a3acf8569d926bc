import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { retiredVersion, StoredEvents } from './stored-events.js';

const first = z.strictObject({ seconds: z.int() });
const second = z.strictObject({ ms: z.int() });
const third = z.strictObject({ ms: z.int(), reason: z.string().nullable() });

const stored = new StoredEvents(
  { Waited: third, Rested: z.strictObject({}) },
  {
    Waited: [
      retiredVersion(first, ({ seconds }): z.infer<typeof second> => ({ ms: seconds * 1_000 })),
      retiredVersion(second, (data): z.infer<typeof third> => ({ ...data, reason: null })),
    ],
  },
);

describe('an event that was stored in an older shape', () => {
  it.each([
    [1, { seconds: 2 }],
    [2, { ms: 2_000 }],
    [3, { ms: 2_000, reason: null }],
  ])('reads from version %i as the newest', (version, data) => {
    const read = { type: 'Waited', data: { ms: 2_000, reason: null } };
    expect(stored.read({ type: 'Waited', version, data })).toEqual(read);
  });

  it('keeps its frozen shape', () => {
    expect(stored.schemaOf('Waited', 1)).toBe(first);
    expect(stored.schemaOf('Waited', 3)).toBe(third);
    expect(stored.schemaOf('Waited', 4)).toBeUndefined();
    expect(stored.schemaOf('Slept', 1)).toBeUndefined();
  });
});

describe('a new event', () => {
  it('is written in the newest version of its type', () => {
    expect(stored.versionOf('Waited')).toBe(3);
    expect(stored.versionOf('Rested')).toBe(1);
  });
});

describe('an event of a newer release', () => {
  it('is named, and not guessed at', () => {
    const newer = { type: 'Waited', version: 4, data: {} };
    expect(() => stored.read(newer)).toThrow('unknown stored event Waited v4');
  });
});
