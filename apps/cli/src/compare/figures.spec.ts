import { describe, expect, it } from '@jest/globals';
import { median, mediansOf } from './figures.js';

describe('a median', () => {
  it('is the middle value, or the mean of the middle two', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });
});

describe('the medians of some rounds', () => {
  it('are taken of each figure apart, over the rounds that have it', () => {
    const rounds = [
      { aloneP50Ms: 30, loadSmallMs: 2 },
      { aloneP50Ms: 10 },
      { aloneP50Ms: 20, canaryRatio: 4 },
    ];
    expect(mediansOf(rounds)).toEqual({ aloneP50Ms: 20, loadSmallMs: 2, canaryRatio: 4 });
  });

  it('hold nothing that no round has', () => {
    expect(mediansOf([{}, {}])).toEqual({});
  });
});
