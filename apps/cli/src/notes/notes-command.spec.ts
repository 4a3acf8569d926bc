import { describe, expect, it } from '@jest/globals';
import { readRequest, renderNotes } from './notes-command.js';

const note = { version: 1, bytes: 4, by: 'operator:ann', atMs: 0 };
const place = { tenant: 'acme', template: 'diary', key: 'k' };

describe('notes', () => {
  it('are a line each, with nothing in them that a terminal would act upon', () => {
    const notes = [{ ...note, key: 'k\u001b[2J' }];
    const lines = renderNotes({ worker: 'w', books: [{ template: 'diary', version: 1, notes }] });
    expect(lines[1]?.split(/ {2,}/)).toEqual(['diary', 'k [2J', '1', '4', 'operator:ann']);
    expect(renderNotes({ worker: 'w', books: [] })).toEqual(['no notes']);
  });
});

describe('what is asked for about notes', () => {
  it('is sent as it is where it can be carried out', () => {
    const change = { kind: 'set', value: 'v', expectedVersion: 0 } as const;
    expect(readRequest({ ...place, change })).toEqual({ ...place, change });
  });

  it.each([
    ['a version that is no number', { change: { kind: 'set', expectedVersion: Number('x') } }],
    ['a text that is too long', { change: { kind: 'set', value: 'x'.repeat(16_385) } }],
    ['a tenant that is none', { tenant: 'a b' }],
    ['an empty key', { key: '' }],
  ])('is refused before it is sent: %s', (_, wrong) => {
    expect(() => readRequest({ ...place, ...wrong })).toThrow(
      /^(expectedVersion|value|tenant|key): /,
    );
  });
});
