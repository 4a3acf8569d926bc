import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { sleep, systemClock, within } from './clock.js';

const late = () => new Error('too late');

describe('work with a time limit', () => {
  it('has its own outcome when it ends in time', async () => {
    const clock = new ManualClock();
    expect(await within(clock, 10, Promise.resolve('done'), late)).toBe('done');
    await expect(within(clock, 10, Promise.reject(new Error('own')), late)).rejects.toThrow('own');
  });

  it('fails when the limit is over', async () => {
    const clock = new ManualClock();
    const failed = expect(within(clock, 10, new Promise(() => undefined), late)).rejects.toThrow(
      'too late',
    );
    await clock.advance(10);
    await failed;
  });
});

describe('a sleep', () => {
  it('ends when its time has passed, not before', async () => {
    const clock = new ManualClock();
    let awake = false;
    void sleep(clock, 100).then(() => (awake = true));
    await clock.advance(99);
    expect(awake).toBe(false);
    await clock.advance(1);
    expect(awake).toBe(true);
  });
});

describe('the clock of the machine', () => {
  it('calls timers once, unless cancelled', async () => {
    const called: string[] = [];
    const cancel = systemClock.timer(0, () => called.push('cancelled'));
    cancel();
    await new Promise<void>((resolve) => {
      systemClock.timer(1, () => {
        called.push('kept');
        resolve();
      });
    });
    expect(called).toEqual(['kept']);
  });

  it('tells epoch time, and time that only grows', () => {
    expect(Math.abs(systemClock.nowMs() - new Date().getTime())).toBeLessThan(1_000);
    const before = systemClock.monotonicMs();
    expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(before);
  });
});

describe('a sleep that may be given up', () => {
  it('ends with its time and leaves no listener behind', async () => {
    const clock = new ManualClock();
    const { signal } = new AbortController();
    const slept = sleep(clock, 1_000, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await clock.advance(1_000);
    await slept;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('ends at once when it is given up, or was before', async () => {
    const abort = new AbortController();
    const slept = sleep(new ManualClock(), 1_000, abort.signal);
    abort.abort();
    await slept;
    await sleep(new ManualClock(), 1_000, abort.signal);
  });
});
