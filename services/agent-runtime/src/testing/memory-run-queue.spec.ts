import { ManualClock, workQueueSuite } from '@skynet/testing';
import { MemoryRunQueue } from './memory-run-queue.js';

const PASS_MS = 50;

workQueueSuite('of the worlds', () => {
  const clock = new ManualClock();
  const queue = new MemoryRunQueue(clock);
  return Promise.resolve({
    open: () => queue.open(),
    push: (item) => queue.push(item),
    pass: () => clock.advance(PASS_MS),
    unfinished: () => queue.outstanding,
    dispose: () => Promise.resolve(),
  });
});
