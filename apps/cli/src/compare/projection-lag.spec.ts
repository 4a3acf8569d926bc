import { describe, expect, it } from '@jest/globals';
import { lagsIn, lagWhile } from './projection-lag.js';

describe('a page of metrics', () => {
  it('tells the lags in it, with labels or without', () => {
    const page = [
      '# TYPE skynet_projection_lag_seconds gauge',
      'skynet_projection_lag_seconds{otel_scope_name="skynet"} 0.25',
      'skynet_projection_lag_seconds 3e-3 1700000000000',
      'skynet_projection_lag_seconds_more 9',
    ].join('\n');
    expect(lagsIn(page)).toEqual([250, 3]);
  });
});

describe('the lag while work is done', () => {
  it('is unknown where nobody tells of it', async () => {
    let isDone = false;
    const lagMs = await lagWhile({}, () => {
      isDone = true;
      return Promise.resolve();
    });
    expect([lagMs, isDone]).toEqual([undefined, true]);
  });
});
