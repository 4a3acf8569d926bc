import { describe, expect, it } from '@jest/globals';
import { percentile } from './percentile.js';

describe('a percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it.each([
    [0.5, 50],
    [0.95, 95],
    [1, 100],
    [0, 1],
  ])('of 1 to 100 at %f is %i', (share, value) => {
    expect(percentile(hundred, share)).toBe(value);
  });

  it('between two values is the higher one', () => {
    expect(percentile([1, 2, 3], 0.5)).toBe(2);
  });

  it('of one value is that value, of none no number', () => {
    expect(percentile([7], 0.95)).toBe(7);
    expect(percentile([], 0.5)).toBeNaN();
  });
});
