import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DeadlineQueue } from './deadline-queue.js';

const itemsOf = (due: readonly { readonly item: number }[]) => due.map(({ item }) => item);

describe('a queue of deadlines', () => {
  it('gives what is due in order of time, whatever the order of arrival', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000)), fc.nat(1_000), (times, nowMs) => {
        const queue = new DeadlineQueue<number>();
        times.forEach((time) => queue.push(time, time));
        const due = times.filter((time) => time <= nowMs).sort((a, b) => a - b);
        expect(itemsOf(queue.takeDue(nowMs, 0))).toEqual(due);
        const left = times.filter((time) => time > nowMs);
        expect(queue.nextMs).toBe(left.length === 0 ? undefined : Math.min(...left));
      }),
    );
  });

  it('forgets what is not open any more, and no more than that', () => {
    const open = new Set<number>();
    const queue = new DeadlineQueue<number>((item) => open.has(item));
    for (let item = 0; item < 20_000; item += 1) {
      // Every hundredth stays open.
      if (item % 100 === 0) open.add(item);
      queue.push(item, item);
    }
    expect(queue.size).toBeLessThan(2_000);
    const due = new Set(itemsOf(queue.takeDue(20_000, 0)));
    expect([...open].filter((item) => !due.has(item))).toEqual([]);
  });

  it('keeps all that is open', () => {
    const queue = new DeadlineQueue<number>(() => true);
    const items = Array.from({ length: 5_000 }, (_, item) => (item * 7_919) % 5_000);
    for (const item of items) queue.push(item, item);
    expect(itemsOf(queue.takeDue(5_000, 0))).toEqual(items.toSorted((a, b) => a - b));
  });
});
