import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { CircuitBreaker } from './circuit-breaker.js';

function aBreaker({ failures = 0 } = {}) {
  const clock = new ManualClock();
  const breaker = new CircuitBreaker(clock, () => 1);
  const fail = (count: number) => {
    for (let call = 0; call < count; call += 1) breaker.failed('no answer');
  };
  fail(failures);
  return { clock, breaker, fail };
}

describe('a provider whose calls fail', () => {
  it('is called until five have failed in a row', () => {
    const { breaker, fail } = aBreaker({ failures: 4 });
    expect(breaker.tryEnter()).toBe(true);
    breaker.answered();
    fail(4);
    expect(breaker.tryEnter()).toBe(true);
    fail(1);
    expect([breaker.tryEnter(), breaker.state]).toEqual([false, 'failures']);
  });

  it('is tried with one call when its time is over', async () => {
    const { breaker, clock } = aBreaker({ failures: 5 });
    expect(breaker.waitMs).toBe(2_000);
    await clock.advance(2_000);
    expect([breaker.tryEnter(), breaker.tryEnter()]).toEqual([true, false]);
    expect([breaker.state, breaker.waitMs]).toEqual(['failures', Infinity]);
  });

  it('is called again by all when that call was answered', async () => {
    const { breaker, clock } = aBreaker({ failures: 5 });
    await clock.advance(2_000);
    let isTold = false;
    breaker.onOutcome(() => (isTold = true));
    breaker.tryEnter();
    breaker.answered();
    expect([isTold, breaker.tryEnter(), breaker.tryEnter()]).toEqual([true, true, true]);
    expect(breaker.state).toBe('called');
  });

  it('is left alone for twice as long each time, up to a minute', async () => {
    const { breaker, clock } = aBreaker({ failures: 5 });
    const waits: number[] = [];
    for (let probe = 0; probe < 7; probe += 1) {
      waits.push(breaker.waitMs);
      await clock.advance(breaker.waitMs);
      breaker.tryEnter();
      breaker.failed('no answer');
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('is not left alone for longer by calls that were under way', () => {
    const { breaker, fail } = aBreaker({ failures: 5 });
    fail(50);
    expect(breaker.waitMs).toBe(2_000);
  });

  it('is tried with another call when nobody knows what became of the one', async () => {
    const { breaker, clock } = aBreaker({ failures: 5 });
    await clock.advance(2_000);
    breaker.tryEnter();
    breaker.abandoned();
    expect(breaker.tryEnter()).toBe(true);
  });
});

describe('a provider that asks to be left alone', () => {
  it('is, for as long as it asks, but for ten minutes at most', async () => {
    const { breaker, clock } = aBreaker();
    breaker.pause(7_000);
    breaker.pause(3_000);
    expect([breaker.waitMs, breaker.state]).toEqual([7_000, 'retry-after']);
    await clock.advance(7_000);
    expect(breaker.tryEnter()).toBe(true);
    breaker.pause(86_400_000);
    expect(breaker.waitMs).toBe(600_000);
  });
});
