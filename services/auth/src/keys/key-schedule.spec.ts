import { describe, expect, it } from '@jest/globals';
import {
  keysStillNeeded,
  nextKeySignsFromMs,
  RETIRED_KEY_SECONDS,
  signingKey,
} from './key-schedule.js';

const PERIOD_MS = 1_000;
const LONGEST_TOKEN_MS = RETIRED_KEY_SECONDS * 1_000;
const key = (signsFromMs: number) => ({ signsFromMs });

describe('a ring of keys', () => {
  it('signs with the newest key whose time has come', () => {
    const keys = [key(0), key(1_000), key(2_000)] as const;
    expect(signingKey(keys, 999)).toBe(keys[0]);
    expect(signingKey(keys, 1_000)).toBe(keys[1]);
    expect(signingKey(keys, 1_999)).toBe(keys[1]);
  });

  it('signs with its first key when the clock was set back', () => {
    const keys = [key(1_000), key(2_000)] as const;
    expect(signingKey(keys, 500)).toBe(keys[0]);
  });

  it('starts with a key that signs at once', () => {
    expect(nextKeySignsFromMs([], 500, PERIOD_MS)).toBe(500);
  });

  it('announces the next key one period before it signs', () => {
    expect(nextKeySignsFromMs([key(1_000)], 1_000, PERIOD_MS)).toBe(2_000);
    expect(nextKeySignsFromMs([key(1_000), key(2_000)], 1_999, PERIOD_MS)).toBeUndefined();
  });

  it('announces the next key a whole period ahead also after a long sleep', () => {
    expect(nextKeySignsFromMs([key(1_000), key(2_000)], 90_000, PERIOD_MS)).toBe(91_000);
  });

  it('keeps a retired key until the longest token it may have signed has expired', () => {
    const keys = [key(0), key(1_000), key(2_000)];
    expect(keysStillNeeded(keys, 1_000 + LONGEST_TOKEN_MS)).toEqual(keys);
    expect(keysStillNeeded(keys, 1_000 + LONGEST_TOKEN_MS + 60_000)).toEqual(keys.slice(1));
  });
});
