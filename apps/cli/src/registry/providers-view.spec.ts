import { describe, expect, it } from '@jest/globals';
import { renderProviders } from './providers-view.js';

describe('the model providers', () => {
  it('are shown with what is used of their limits, and how they fare', () => {
    const limits = [
      { of: 'anthropic', requestsPerMinute: 50, tokensPerMinute: 9_000, requests: 12, tokens: 700 },
      { of: 'anthropic:small', requestsPerMinute: 5, requests: 0, tokens: 0 },
    ];
    const circuits = [
      { of: 'scripted:echo', state: 'called' as const, waiting: 0 },
      { of: 'one', state: 'retry-after' as const, waiting: 1, waitMs: 6_100 },
      { of: 'six', state: 'failures' as const, waiting: 0, waitMs: 0, lastFailure: 'away' },
      { of: 'two', state: 'failures' as const, waiting: 3, lastFailure: '503 busy\u001b[2J' },
    ];
    expect(renderProviders({ worker: 'w-1', slots: 44, limits, circuits })).toEqual([
      'anthropic  12 of 50 requests, 700 of 9000 tokens in this minute, of all workers',
      'anthropic:small  0 of 5 requests in this minute, of all workers',
      'w-1: 44 slots',
      '  scripted:echo  called',
      '  one  left alone, for 7 s, 1 call waits; it asks for it',
      '  six  left alone, the next call tries; its calls fail: away',
      '  two  left alone, one call tries, 3 calls wait; its calls fail: 503 busy [2J',
    ]);
  });

  it('have little to say where nothing is limited and nothing was called', () => {
    expect(renderProviders({ worker: 'w-1', slots: 64, limits: [], circuits: [] })).toEqual([
      'no limits per minute in the registry',
      'w-1: 64 slots, no model called yet',
    ]);
  });
});
