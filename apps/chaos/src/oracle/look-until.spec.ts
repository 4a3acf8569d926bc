import { describe, expect, it } from '@jest/globals';
import { lookUntil } from './look-until.js';

/** Looks that take this long each, and see all right from then on; how many there were. */
async function looksOf(tookMs: number, rightFromMs: number, limitMs = 10): Promise<number> {
  let nowMs = 0;
  let looks = 0;
  const look = () => {
    const isRight = nowMs >= rightFromMs;
    nowMs += tookMs;
    looks += 1;
    return Promise.resolve(isRight);
  };
  const pause = () => {
    nowMs += 1;
    return Promise.resolve();
  };
  await lookUntil(look, { limitMs, nowMs: () => nowMs, pause });
  return looks;
}

describe('looking until all is right', () => {
  it('ends with the first look that sees it', async () => {
    expect(await looksOf(1, 0)).toBe(1);
    expect(await looksOf(1, 4)).toBe(3);
  });

  it('looks once more when one look took longer than the limit', async () => {
    expect(await looksOf(30, 5)).toBe(2);
  });

  it('gives up with the first look that was begun after the limit', async () => {
    expect(await looksOf(30, Infinity)).toBe(2);
    expect(await looksOf(4, Infinity)).toBe(4);
  });
});
