import { describe, expect, it } from '@jest/globals';
import { excessOf, excessOfValue, type MessageBounds } from './message-bounds.js';

const BOUNDS: MessageBounds = { values: 20, depth: 6 };

const calling = (params: object) =>
  JSON.stringify({ jsonrpc: '2.0', id: 'a', method: 'tools/call', params });
const entries = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('a message', () => {
  it.each([
    ['of a few values', calling({ name: 'x', arguments: entries(5) })],
    ['with long texts full of signs', calling({ name: '{,"\\[:'.repeat(1_000), _meta: {} })],
    ['that is no JSON', '{"a": '],
    ['that is empty', ''],
    ['as deep as it may be', nested(6)],
    ['with brackets in texts', JSON.stringify(['['.repeat(100), '\\', '\\"[,', '"'])],
  ])('%s is within bounds', (_which, text) => {
    expect(excessOf(text, BOUNDS)).toBeUndefined();
  });

  it.each([
    ['params._meta', calling({ name: 'x', _meta: entries(30) })],
    ['params.arguments.metadata', calling({ arguments: { metadata: entries(30) } })],
    ['params.arguments.list', calling({ arguments: { list: Array(30).fill(0), a: entries(3) } })],
    ['params.arguments.of.1', calling({ arguments: { of: [0, entries(30)] } })],
    ['it', JSON.stringify(entries(30))],
    ['0.params._meta', `[${calling({ _meta: entries(30) })}]`],
  ])('with too many values is refused, and told where most are: %s', (path, text) => {
    expect(excessOf(text, BOUNDS)).toMatch(
      new RegExp(`^the message has \\d+ values, 30 of them in ${path.replaceAll('.', '\\.')}; 20 `),
    );
  });

  it('with many small parts is refused too', () => {
    const text = calling({ arguments: { of: Array.from({ length: 15 }, () => [1, 2]) } });
    expect(excessOf(text, BOUNDS)).toContain('15 of them in params.arguments.of');
  });

  it('that names its parts oddly is refused with a short name', () => {
    const text = calling({ arguments: { ['\n'.repeat(500)]: entries(30) } });
    expect(excessOf(text, BOUNDS)?.length).toBeLessThan(300);
  });

  it.each([7, 400_000])('%d levels deep is refused', (depth) => {
    expect(excessOf(`{"params":${nested(depth - 1)}}`, BOUNDS)).toBe(
      `the message is ${depth} levels deep; 6 at most are taken`,
    );
  });

  it('that never closes what it opens is refused', () => {
    expect(excessOf('{"a":'.repeat(1_000), BOUNDS)).toContain('1000 levels deep');
  });
});

describe('a value', () => {
  it.each([entries(20), Array(20).fill(0), 'text', null, JSON.parse(nested(6)) as unknown])(
    'of few others is within bounds',
    (value) => {
      expect(excessOfValue(value, BOUNDS)).toBeUndefined();
    },
  );

  it.each([
    [{ a: entries(10), b: entries(10) }, 'more than 20 values'],
    [JSON.parse(nested(7)), 'more than 6 levels'],
    [JSON.parse(nested(100_000)), 'more than 6 levels'],
  ])('of too many is not', (value, said) => {
    expect(excessOfValue(value, BOUNDS)).toContain(said);
  });
});
