import { describe, expect, it } from '@jest/globals';
import { meantArguments } from './meant-arguments.js';

describe('arguments of a call', () => {
  it('that are a JSON object stay as they are', () => {
    expect(meantArguments('{"a": 1}')).toEqual({ input: { a: 1 } });
    expect(meantArguments('')).toEqual({ input: {} });
  });

  it.each([
    ['in a fence', '```json\n{"a":1}\n```', '{"a":1}'],
    ['between words', 'Calling it with {"a":1} now', '{"a":1}'],
    ['as a text', '"{\\"a\\":1}"', '{"a":1}'],
    ['without quotes', "{a: 'x'}", '{"a": "x"}'],
    ['with a comma too much', '{"a":1,}', '{"a":1}'],
    ['as Python writes it', "{'a': True, 'b': None}", '{"a": true, "b": null}'],
    ['with the last bracket missing', '{"a":{"b":1}', '{"a":{"b":1}}'],
    ['with a line break in a text', '{"a":"x\ny"}', '{"a":"x\\ny"}'],
    ['without quotes, in a fence', '```json\n{a: 1}\n```', '{"a": 1}'],
  ])('are understood %s', (_, text, repaired) => {
    expect(meantArguments(text)).toEqual({ input: JSON.parse(repaired) as unknown, repaired });
  });

  it.each([
    ['{"path": "a", "content": "half of'],
    ['{"path": {"a": "x"}, "content": "half of'],
    ['{"path": "a"'],
    ['that is all } here'],
    ['no arguments'],
    ['[1, 2]'],
    ['7'],
    ['null'],
    [`{a: "${'x'.repeat(16_384)}"}`],
    ['{"a":'.repeat(3_000)],
  ])('are not made up of %j', (text) => {
    expect(meantArguments(text)).toBeUndefined();
  });
});
