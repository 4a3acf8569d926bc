import { describe, expect, it } from '@jest/globals';
import { backoffMs } from './backoff.js';

const bounds = { firstMs: 50, longestMs: 5_000 };

describe('the pause between tries', () => {
  it('doubles up to the longest, however many failed', () => {
    const pauses = [0, 1, 2, 6, 7, 5_000].map((failures) => backoffMs(failures, bounds, () => 1));
    expect(pauses).toEqual([50, 100, 200, 3_200, 5_000, 5_000]);
  });

  it('is cut by up to a half', () => {
    expect(backoffMs(3, bounds, () => 0.5)).toBe(300);
    expect(backoffMs(3, bounds, () => 0)).toBe(200);
  });
});
