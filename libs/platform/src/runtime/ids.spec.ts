import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { derivedId, newAgentId } from './ids.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('a new agent id', () => {
  it('is a UUIDv7 that no other call gives', () => {
    const ids = Array.from({ length: 1_000 }, () => newAgentId());
    expect(new Set(ids).size).toBe(1_000);
    expect(UUID.exec(ids[0] ?? '')?.[1]).toBe('7');
  });

  it('sorts by the time of its making', () => {
    const early = newAgentId(new ManualClock(Date.UTC(2026, 0, 1)));
    const late = newAgentId(new ManualClock(Date.UTC(2026, 0, 1) + 1));
    expect([late, early].sort()).toEqual([early, late]);
    expect(early.startsWith('019b76da-a800-7')).toBe(true);
  });
});

describe('a derived id', () => {
  it('is the same UUIDv8 for the same parts, for ever', () => {
    expect(derivedId('spawn', 'acme', 'someone', 'key')).toBe(
      '650cf29e-1f7b-8265-b99e-92e6f251e96c',
    );
    expect(UUID.exec(derivedId('a'))?.[1]).toBe('8');
    expect(derivedId('a', 1)).toBe(derivedId('a', '1'));
  });

  it('differs when the same text is cut elsewhere', () => {
    const ids = [
      derivedId('ab', 'c'),
      derivedId('a', 'bc'),
      derivedId('abc'),
      derivedId('a', 'b', 'c'),
      derivedId('abc', ''),
      derivedId('1:a', 'b'),
      derivedId('1', 'a1:b'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
