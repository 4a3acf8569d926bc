import { describe, expect, it } from '@jest/globals';
import type { InputRequest } from '../agent/agent-command.js';
import { readInput, refusedInput } from './given-input.js';

type Field = InputRequest['fields'][number];

const named = (field: Partial<Field>): Field => ({
  name: 'a',
  kind: 'text',
  isRequired: true,
  ...field,
});
const read = (fields: readonly Partial<Field>[], text: string) =>
  readInput({ key: 'k', question: 'q', fields: fields.map(named) }, text);

describe('an answer to a form', () => {
  it.each([
    ['a text', {}, 'blue', 'blue'],
    ['a text that is a number', {}, '7', '7'],
    ['a number', { kind: 'number' }, '1.5', 1.5],
    ['a whole number', { kind: 'integer' }, ' 7 ', 7],
    ['yes', { kind: 'boolean' }, 'Yes', true],
    ['no', { kind: 'boolean' }, 'false', false],
    ['several', { kind: 'texts', among: ['x', 'y', 'z'] }, 'x, z', ['x', 'z']],
    ['JSON', { kind: 'integer' }, '{"a": 7}', 7],
    ['the default', { fallback: 'red' }, '', 'red'],
    ['null for the default', { kind: 'integer', fallback: 3 }, '{"a": null}', 3],
  ] as const)('of one field: %s', (_, field, text, value) => {
    expect(read([field as Partial<Field>], text)).toEqual({
      action: 'accept',
      content: { a: value },
    });
  });

  it.each([
    ['no whole number', { kind: 'integer' }, '1.5', 'a: a whole number is needed'],
    ['no number', { kind: 'number' }, 'many', 'a: a number is needed'],
    ['too large a one', { kind: 'number', most: 9 }, '10', 'a: it must be at most 9'],
    ['too short a text', { least: 3 }, 'ab', 'a: its length must be at least 3'],
    ['another choice', { among: ['x', 'y'] }, 'z', 'a: one of x, y'],
    ['one that is not among them', { kind: 'texts', among: ['x'] }, 'x,z', 'a: some of x'],
    ['perhaps', { kind: 'boolean' }, 'perhaps', 'a: true or false'],
    ['nothing', {}, '', 'a: it is needed'],
    ['an object', {}, '{"a": {}}', 'a: a text is needed'],
    ['other fields', {}, '{"a": "x", "__proto__x": 1}', 'there are no fields __proto__x'],
  ] as const)('is refused, with the reason: %s', (_, field, text, misfit) => {
    expect(read([field as Partial<Field>], text)).toEqual({ misfit });
  });

  it('of several fields is JSON, with the defaults of those that are left out', () => {
    const fields = [
      { name: 'x', kind: 'integer' },
      { name: 'y', isRequired: false },
      { name: 'z', fallback: 'red', isRequired: false },
    ] as const;
    const given = { action: 'accept', content: { x: 1, z: 'red' } };
    expect(read(fields, '{"x": 1}')).toEqual(given);
    expect(read(fields, JSON.stringify(given.content))).toEqual(given);
    expect(read(fields, '1')).toEqual({ misfit: 'answer with JSON of these fields: x, y, z' });
  });

  it('without fields says that it may go on', () => {
    expect(read([], 'done')).toEqual({ action: 'accept', content: {} });
  });

  it('that is none declines, or cancels', () => {
    expect(refusedInput('no')).toEqual({ action: 'decline' });
    expect(refusedInput('cancel')).toEqual({ action: 'cancel' });
  });
});
