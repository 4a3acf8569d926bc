import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { RecentTokens, type VerifiedToken } from './recent-tokens.js';

const ALICE: VerifiedToken = {
  principal: { principal: 'alice', tenant: 'acme', roles: ['viewer'] },
  claims: { sub: 'alice', iat: 0 },
};

let clock: ManualClock;
let recent: RecentTokens;

beforeEach(() => {
  clock = new ManualClock();
  recent = new RecentTokens(clock, 2);
});

describe('a token verified a moment ago', () => {
  it('need not be verified again for a minute, however often it is used', async () => {
    recent.keep('t', ALICE, clock.nowMs() + 3_600_000);
    await clock.advance(59_999);
    expect(recent.find('t')).toBe(ALICE);
    await clock.advance(1);
    expect(recent.find('t')).toBeUndefined();
  });

  it('is forgotten when it expires', async () => {
    recent.keep('t', ALICE, clock.nowMs() + 5_000);
    await clock.advance(4_999);
    expect(recent.find('t')).toBe(ALICE);
    await clock.advance(1);
    expect(recent.find('t')).toBeUndefined();
  });

  it('is not mistaken for another', () => {
    recent.keep('t', ALICE, clock.nowMs() + 5_000);
    expect(recent.find('tt')).toBeUndefined();
  });

  it('makes room for newer ones, the least used first', () => {
    for (const token of ['a', 'b']) recent.keep(token, ALICE, clock.nowMs() + 5_000);
    recent.find('a');
    recent.keep('c', ALICE, clock.nowMs() + 5_000);
    expect(['a', 'b', 'c'].filter((token) => recent.find(token))).toEqual(['a', 'c']);
  });
});
