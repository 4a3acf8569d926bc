import { describe, expect, it } from '@jest/globals';
import { checkOutput, faultOfSchema } from './output-schemas.js';

const schema = JSON.stringify({
  type: 'object',
  required: ['a'],
  properties: { a: { type: 'number' } },
});

const messageOf = (checked: ReturnType<typeof checkOutput>) =>
  checked.kind === 'misfits' ? checked.mistakes : '';

describe('JSON in an answer', () => {
  it.each([
    ['alone', ' {"a":1}\n', '{"a":1}'],
    [
      'with numbers as they were written',
      '{"a":10000000000000000000001}',
      '{"a":10000000000000000000001}',
    ],
    ['in a fence', 'So:\n```json\n{"a":1}\n```\n', '{"a":1}'],
    ['in the last fence that fits', '```\n{"a":"x"}\n```\n```\n{"a":2}\n```', '{"a":2}'],
    [
      'in an earlier one, when the last does not',
      '```\n{"a":1}\n```\n```\n{"b":2}\n```',
      '{"a":1}',
    ],
    ['behind another one', 'Like {"b": "}"} but: {"a":2} [sic]. Not {"b":3}', '{"a":2}'],
    ['behind a quotation', 'He said "{" and "a: {"a":4} so', '{"a":4}'],
    ['between words', 'I found {"a": 1} there.', '{"a": 1}'],
  ])('is found %s', (_, answer, output) => {
    expect(checkOutput(schema, answer)).toEqual({ kind: 'fits', output });
  });

  it('may be a text without its quotes', () => {
    const yesOrNo = JSON.stringify({ enum: ['yes', 'no'] });
    expect(checkOutput(yesOrNo, 'yes\n')).toEqual({ kind: 'fits', output: '"yes"' });
    expect(messageOf(checkOutput(yesOrNo, '"perhaps"'))).toContain('["yes","no"]');
  });

  it.each([
    ['', 'it is no JSON'],
    ['none', 'it is no JSON'],
    ['{"a":', 'it is no JSON'],
    ['[1]', 'the whole must be object'],
    ['{"a":"1"}', '/a must be number'],
  ])('is missed in %j', (answer, why) => {
    expect(messageOf(checkOutput(schema, answer))).toContain(why);
  });

  it('is looked for in linear time', () => {
    const braces = '{'.repeat(400_000);
    expect(checkOutput(schema, braces).kind).toBe('misfits');
    expect(checkOutput(schema, `{${'"\\"'.repeat(100_000)}`).kind).toBe('misfits');
  });

  it('that is wrong in many ways is told of ten', () => {
    const numbers = JSON.stringify({ items: { type: 'number' } });
    const told = messageOf(checkOutput(numbers, JSON.stringify(Array(50).fill('x'))));
    expect(told.split('\n').filter((line) => line.startsWith('- '))).toHaveLength(11);
    expect(told).toContain('and 40 more');
  });
});

describe('a schema that would take for ever', () => {
  it('to check an answer by a pattern is given up', () => {
    const slow = JSON.stringify({ type: 'string', pattern: '^(a+)+$' });
    expect(messageOf(checkOutput(slow, JSON.stringify(`${'a'.repeat(40)}!`)))).toContain(
      'too long',
    );
  });

  it('by naming twice what names twice is given up', () => {
    const $defs = Object.fromEntries(
      Array.from({ length: 40 }, (_, level) => {
        const next = { $ref: `#/$defs/d${level + 1}` };
        return [`d${level}`, level === 39 ? { type: 'number' } : { allOf: [next, next] }];
      }),
    );
    const doubling = { $defs, $ref: '#/$defs/d0' };
    expect(faultOfSchema(doubling)).toBeUndefined();
    expect(messageOf(checkOutput(JSON.stringify(doubling), '1'))).toContain('too long');
  });

  it('in a circle is a misfit', () => {
    const circle = JSON.stringify({ $defs: { a: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' });
    expect(checkOutput(circle, '1').kind).toBe('misfits');
  });
});

describe('a schema of one tenant', () => {
  const draft = 'https://json-schema.org/draft/2020-12';

  it.each([`${draft}/schema`, `${draft}/meta/core`])(
    'that calls itself %s takes nothing away',
    ($id) => {
      faultOfSchema({ $id, type: 'object' });
      expect(faultOfSchema({ type: 'object', title: `after ${$id}` })).toBeUndefined();
    },
  );

  it('gives no names to those of others', () => {
    const named = { $id: 'https://example.com/named', type: 'string' };
    expect(faultOfSchema({ $defs: { named } })).toBeUndefined();
    expect(faultOfSchema({ $ref: named.$id })).toContain('resolve');
    expect(faultOfSchema({ $defs: { other: { ...named, type: 'number' } } })).toBeUndefined();
  });

  it('is held against an answer at once, whatever it says', () => {
    const later = JSON.stringify({ $async: true, type: 'object' });
    expect(checkOutput(later, '5').kind).toBe('misfits');
  });

  it('may name itself', () => {
    const tree = { required: ['n'], properties: { below: { items: { $ref: '#' } } } };
    expect(faultOfSchema(tree)).toBeUndefined();
    const told = messageOf(checkOutput(JSON.stringify(tree), '{"n":1,"below":[{}]}'));
    expect(told).toContain('/below/0 must have');
  });

  it('asks for keys that every object has', () => {
    expect(checkOutput('{"required":["constructor"]}', '{}').kind).toBe('misfits');
  });
});

describe('what is no schema', () => {
  it('is said, and does not stand in the way of what comes after', () => {
    expect(faultOfSchema({ type: 'strng' })).toContain('data/type');
    expect(faultOfSchema({ $id: 'x', type: 'string' })).toBeUndefined();
    expect(faultOfSchema({ $id: 'x', type: 'number' })).toBeUndefined();
  });
});
