import { describe, expect, it } from '@jest/globals';
import type { Principal } from '@skynet/contracts';
import { OpenCalls } from './open-calls.js';

const alice: Principal = { principal: 'alice', tenant: 'acme', roles: ['operator'] };

describe('a call under way', () => {
  it('is called off by whom it belongs to, by its id', () => {
    const calls = new OpenCalls();
    const { signal } = calls.begin(alice, 1);
    calls.cancel({ ...alice, principal: 'bob' }, 1);
    calls.cancel({ ...alice, tenant: 'other' }, 1);
    calls.cancel(alice, '1');
    calls.cancel(alice, 2);
    expect(signal.aborted).toBe(false);
    calls.cancel(alice, 1);
    expect(signal.aborted).toBe(true);
  });

  it('is not called off while another has the same id', () => {
    const calls = new OpenCalls();
    const [one, other] = [calls.begin(alice, 1), calls.begin(alice, 1)];
    calls.cancel(alice, 1);
    expect([one.signal.aborted, other.signal.aborted]).toEqual([false, false]);
    other.close();
    calls.cancel(alice, 1);
    expect(one.signal.aborted).toBe(true);
  });
});
