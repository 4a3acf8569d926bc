import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DeadlineQueue } from './deadline-queue.js';

describe('a queue of deadlines', () => {
  it('gives what is due in order of time, whatever the order of arrival', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000)), fc.nat(1_000), (times, nowMs) => {
        const queue = new DeadlineQueue<number>();
        times.forEach((time) => queue.push(time, time));
        const due = times.filter((time) => time <= nowMs).sort((a, b) => a - b);
        expect(queue.takeDue(nowMs)).toEqual(due);
        const left = times.filter((time) => time > nowMs);
        expect(queue.nextMs).toBe(left.length === 0 ? undefined : Math.min(...left));
      }),
    );
  });
});
