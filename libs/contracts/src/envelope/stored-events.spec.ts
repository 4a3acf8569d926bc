import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { UnknownEventError, UnreadableEventError } from './stored-event-errors.js';
import { retiredVersion, StoredEvents, type StoredShape } from './stored-events.js';

const first = z.strictObject({ seconds: z.int() });
const second = z.strictObject({ ms: z.int() });
const third = z.strictObject({ ms: z.int(), reason: z.string().nullable() });

const stored = new StoredEvents(
  { Waited: third, Rested: z.strictObject({}), Told: z.strictObject({ length: z.int() }) },
  {
    Told: [
      retiredVersion(z.strictObject({ text: z.string() }), ({ text }) => ({
        length: text.trim().length,
      })),
    ],
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
    expect(failureOf(newer)).toMatchObject({ type: 'Waited', version: 4, isNewer: true });
  });
});

describe('an event that no release wrote', () => {
  it.each([
    ['Slept', 1],
    ['toString', 1],
    ['Waited', 0],
    ['Waited', 1.5],
    ['Waited', -1],
  ])('%s v%d is no newer one either', (type, version) => {
    const failure = failureOf({ type, version, data: {} });
    expect(failure).toBeInstanceOf(UnknownEventError);
    expect(failure).toMatchObject({ type, version, isNewer: false });
  });
});

describe('data that no release wrote', () => {
  it.each([
    ['Waited', 1, null],
    ['Rested', 1, null],
    ['Rested', 1, undefined],
    ['Rested', 1, 'text'],
    ['Told', 1, {}],
  ])('of %s v%d, %j, is told apart from a bug', (type, version, data) => {
    expect(failureOf({ type, version, data })).toBeInstanceOf(UnreadableEventError);
  });

  it('keeps what its upcaster said', () => {
    const failure = failureOf({ type: 'Told', version: 1, data: {} });
    expect(failure).toMatchObject({ type: 'Told', version: 1, cause: expect.any(TypeError) });
  });
});

function failureOf(shape: StoredShape): unknown {
  try {
    return stored.read(shape);
  } catch (error) {
    return error;
  }
}
