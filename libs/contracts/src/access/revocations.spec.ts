import { describe, expect, it } from '@jest/globals';
import { isRevoked, revocationKeys, type Revocation } from './revocations.js';

const NOW_SECONDS = 1_000_000;
const NOW_MS = NOW_SECONDS * 1_000;
const token = { sub: 'alice', iat: NOW_SECONDS, jti: 't1', grant: 'g1', revision: 4 };

const check = (key: string, revocation: Revocation, changes: object = {}) =>
  isRevoked({ ...token, ...changes }, (asked) => (asked === key ? revocation : undefined));
const ofAlice = revocationKeys.principal('alice');

describe('a token', () => {
  it('holds while nothing is revoked', () => {
    expect(isRevoked(token, () => undefined)).toBe(false);
  });

  it.each([
    ['itself', revocationKeys.token('t1'), true],
    ['another', revocationKeys.token('t2'), false],
    ['its login', revocationKeys.grant('g1'), true],
    ['another login', revocationKeys.grant('g2'), false],
    ['what its owner was after it was made', ofAlice, true],
    ['what somebody else was', revocationKeys.principal('bob'), false],
  ])('when %s is revoked', (_what, key, isVoid) => {
    expect(check(key, { revision: 5, atMs: NOW_MS })).toBe(isVoid);
  });

  it('that was made by what its owner is now holds, whatever the clocks say', () => {
    const revocation = { revision: 4, atMs: NOW_MS + 60_000 };
    expect(check(ofAlice, revocation)).toBe(false);
  });

  it('that was made by what its owner was holds no more, though it is younger', () => {
    const revocation = { revision: 5, atMs: NOW_MS - 60_000 };
    expect(check(ofAlice, revocation)).toBe(true);
  });

  it('of an owner without a stream goes by the time, to the second and against the token', () => {
    const none = { revision: undefined };
    expect(check(ofAlice, { atMs: NOW_MS - 1 }, none)).toBe(false);
    expect(check(ofAlice, { atMs: NOW_MS }, none)).toBe(true);
    expect(check(ofAlice, { revision: 5, atMs: NOW_MS + 500 }, none)).toBe(true);
  });
});
