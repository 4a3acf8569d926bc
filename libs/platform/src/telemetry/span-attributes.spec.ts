import { describe, expect, it } from '@jest/globals';
import { LimitedAttributes } from './span-attributes.js';

const limited = (count: number, valueLength = Infinity) =>
  new LimitedAttributes({ count, valueLength });

describe('attributes', () => {
  it('are what was said last, without what is undefined', () => {
    const attributes = limited(128);
    attributes.add({ first: 1, second: 'a', absent: undefined });
    attributes.add({ second: 'b', first: undefined });
    expect(attributes.values).toEqual({ first: 1, second: 'b' });
    attributes.add({ third: ['x'] });
    expect(attributes.values).toEqual({ first: 1, second: 'b', third: ['x'] });
    expect(Object.keys(attributes.values)).not.toContain('absent');
  });

  it('are no more than the limit allows; those that are there may still change', () => {
    const attributes = limited(2);
    attributes.add({ first: 1, second: 2, third: 3 });
    attributes.add({ second: 'two', fourth: 4 });
    expect(attributes.values).toEqual({ first: 1, second: 'two' });
    expect(attributes.dropped).toBe(2);
  });

  it('have no text longer than the limit, alone or in a list', () => {
    const attributes = limited(128, 3);
    attributes.add({ text: 'abcdef', list: ['abcdef', 'x'], number: 123_456, is: true });
    expect(attributes.values).toEqual({
      text: 'abc',
      list: ['abc', 'x'],
      number: 123_456,
      is: true,
    });
  });

  it('know about how large they are', () => {
    const attributes = limited(128);
    attributes.add({ text: 'x'.repeat(1_000), list: ['y'.repeat(1_000)] });
    expect(attributes.bytes).toBeGreaterThan(2_000);
    expect(attributes.bytes).toBeLessThan(2_200);
  });
});
