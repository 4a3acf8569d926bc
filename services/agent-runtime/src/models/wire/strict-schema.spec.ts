import { describe, expect, it } from '@jest/globals';
import { strictSchema, type StrictRules } from './strict-schema.js';
import { strictFitOf, WireTools } from './wire-tools.js';

const object = (properties: object, required: string[] = []) => ({
  type: 'object',
  properties,
  required,
});
const nullable: StrictRules = { optional: 'nullable' };

function made(raw: Record<string, unknown>, rules = nullable) {
  const strict = strictSchema(raw, rules);
  if (typeof strict === 'string') throw new Error(strict);
  return strict;
}

describe('a strict schema', () => {
  it('requires all, and takes null for what may be left out', () => {
    const raw = object(
      {
        a: { type: 'string' },
        b: { enum: ['x', 'y'] },
        c: { type: 'array', items: object({ d: { type: ['string', 'null'] } }) },
      },
      ['a'],
    );
    expect(made(raw).schema).toEqual({
      type: 'object',
      properties: {
        a: { type: 'string' },
        b: { anyOf: [{ enum: ['x', 'y'] }, { type: 'null' }] },
        c: {
          type: ['array', 'null'],
          items: {
            type: 'object',
            properties: { d: { type: ['string', 'null'] } },
            required: ['d'],
            additionalProperties: false,
          },
        },
      },
      required: ['a', 'b', 'c'],
      additionalProperties: false,
    });
  });

  it('keeps the null of what has one of its own, and takes out the others', () => {
    const raw = object({ a: { type: ['string', 'null'] }, b: { type: 'string' } });
    expect(made(raw).restored({ a: null, b: null, c: null })).toEqual({ a: null, c: null });
    const list = object({ c: { type: 'array', items: object({ d: { type: 'string' } }) } }, ['c']);
    expect(made(list).restored({ c: [{ d: null }, { d: 'x' }, 1] })).toEqual({
      c: [{}, { d: 'x' }, 1],
    });
    expect(made(list).restored('odd')).toBe('odd');
  });

  it('lets be left out what the vendor lets', () => {
    const raw = object({ a: { type: 'string' }, b: { type: 'string' } }, ['a']);
    const { schema, weight } = made(raw, { optional: 'kept' });
    expect(schema).toMatchObject({ required: ['a'], properties: { b: { type: 'string' } } });
    expect(weight).toEqual({ tools: 1, optional: 1, unions: 0 });
  });

  it('tells bounds in words, and forgets what says nothing to a model', () => {
    const raw = object({ a: { type: 'integer', minimum: 1, title: 'A', description: 'Count.' } }, [
      'a',
    ]);
    expect(made(raw).schema.properties).toEqual({
      a: { type: 'integer', description: 'Count. (minimum 1)' },
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ['has no properties', { type: 'object' }],
    ['has no properties', object({ a: { type: 'object' } })],
    ['properties of any name', { ...object({}), additionalProperties: { type: 'string' } }],
    ['is anything', object({ a: {} })],
    ['is anything', object({ a: true })],
    ['is anything', object({ a: { type: 'array' } })],
    ['take no allOf', object({ a: { allOf: [{ type: 'string' }] } })],
    ['take no patternProperties', { ...object({}), patternProperties: {} }],
    ['is another part of it', object({ a: { $ref: '#' } })],
    ['is another part of it', object({ a: { $ref: '#/properties/b' }, b: object({}) })],
    ['may be left out', object({ a: { anyOf: [object({ b: { type: 'string' } })] } })],
    [
      'too deep',
      [...'abcdefghij'].reduce<object>((inner) => object({ a: inner }), {
        type: 'string',
      }) as Record<string, unknown>,
    ],
    [
      'too many',
      object(
        Object.fromEntries(Array.from({ length: 501 }, (_, at) => [`p${at}`, { type: 'string' }])),
      ),
    ],
  ])('is none where it %s', (reason, raw) => {
    expect(strictSchema(raw, nullable)).toContain(reason);
  });
});

describe('the tools of a request', () => {
  const tool = (name: string, inputSchema: Record<string, unknown>) => ({
    name,
    description: '',
    inputSchema,
  });

  it('are strict as long as the vendor has room', () => {
    const tools = ['a', 'b', 'c'].map((name) => tool(name, object({ x: { type: 'string' } })));
    const most = { tools: 2, optional: 9, unions: 9 };
    const rules = {
      maxChars: 64,
      startsWithLetter: true,
      strict: { optional: 'kept', most },
    } as const;
    const wire = new WireTools({ tools, toolFormat: 'strict' }, rules);
    expect(tools.map((each) => wire.fitOf(each).isStrict)).toEqual([true, true, false]);
  });

  it('that take nothing are strict, and those that take anything are not', () => {
    expect(strictFitOf(tool('none', { type: 'object', properties: {} }))).toMatchObject({
      schema: { properties: {}, additionalProperties: false },
    });
    expect(strictFitOf(tool('any', { type: 'object' }))).toContain('no properties');
    const either = { ...object({ a: { type: 'string' } }), anyOf: [{ required: ['a'] }] };
    expect(strictFitOf(tool('either', either))).toContain('one of several');
  });

  it('have their own names again after the nulls are out', () => {
    const odd = tool('odd', object({ 'a b': { type: 'string' }, c: { type: 'string' } }));
    const wire = new WireTools({ tools: [odd], toolFormat: 'strict' });
    expect(wire.ownInputOf('odd', '{"ab":"x","c":null}')).toBe('{"a b":"x"}');
  });
});
