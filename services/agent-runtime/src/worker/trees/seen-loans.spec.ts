import { describe, expect, it } from '@jest/globals';
import { SeenLoans } from './seen-loans.js';

describe('a loan', () => {
  it('is new once, and others are not taken for it', () => {
    const loans = new SeenLoans();
    expect([loans.isNew('a'), loans.isNew('b'), loans.isNew('a')]).toEqual([true, true, false]);
  });

  it('is forgotten after ten thousand others', () => {
    const loans = new SeenLoans();
    loans.isNew('first');
    for (let count = 0; count < 10_000; count += 1) loans.isNew(String(count));
    expect(loans.isNew('first')).toBe(true);
  });
});
