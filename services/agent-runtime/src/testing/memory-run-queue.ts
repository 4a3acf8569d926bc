import { subjects, type RunItem } from '@skynet/contracts';
import type { Clock, WorkItem, WorkQueue } from '@skynet/platform';

interface Entry {
  readonly item: RunItem;
  deliveries: number;
  /** Whether the queue waits: for an answer, or for the end of a pause. */
  isHeld: boolean;
  isDone: boolean;
  cancelWait?: () => void;
  /** Who had it last; others come first. */
  last?: MemoryWorkQueue;
}

const LEASE_MS = 4_000;

/** The work queue of all workers of one world, in memory; leases run out by the clock of the test. */
export class MemoryRunQueue {
  private readonly entries: Entry[] = [];
  private readonly workers = new Set<MemoryWorkQueue>();

  constructor(private readonly clock: Clock) {}

  push(item: RunItem): void {
    this.entries.push({ item, deliveries: 0, isHeld: false, isDone: false });
    this.deliver();
  }

  /** The queue as one worker sees it. */
  open(): WorkQueue {
    const worker = new MemoryWorkQueue(this);
    this.workers.add(worker);
    return worker;
  }

  /** All items so far. */
  get pushed(): number {
    return this.entries.length;
  }

  /** Items that were not acked. */
  get outstanding(): number {
    return this.entries.filter((entry) => !entry.isDone).length;
  }

  remove(worker: MemoryWorkQueue): void {
    this.workers.delete(worker);
  }

  deliver(): void {
    for (const entry of this.entries) {
      if (entry.isDone || entry.isHeld) continue;
      const free = [...this.workers].filter((worker) => worker.free > 0);
      const worker = free.find((other) => other !== entry.last) ?? free[0];
      if (worker === undefined) return;
      entry.last = worker;
      entry.deliveries += 1;
      this.wait(entry, LEASE_MS);
      worker.give(this.itemOf(entry));
    }
  }

  private wait(entry: Entry, ms: number): void {
    entry.cancelWait?.();
    entry.isHeld = true;
    entry.cancelWait = this.clock.timer(ms, () => this.giveBack(entry));
  }

  private giveBack(entry: Entry): void {
    entry.cancelWait?.();
    entry.isHeld = false;
    this.deliver();
  }

  /** Its answers count also when the item is with another one by then. */
  private itemOf(entry: Entry): WorkItem {
    const isAwaited = () => entry.isHeld && !entry.isDone;
    return {
      subject: subjects.run('default', entry.item.agentId),
      data: entry.item,
      deliveryCount: entry.deliveries,
      ack: () => {
        entry.isDone = true;
        entry.cancelWait?.();
      },
      nak: (delayMs = 0) => {
        if (!isAwaited()) return;
        if (delayMs > 0) this.wait(entry, delayMs);
        else this.giveBack(entry);
      },
      extend: async () => {
        if (isAwaited()) this.wait(entry, LEASE_MS);
      },
    };
  }
}

class MemoryWorkQueue implements WorkQueue {
  free = 0;
  private onItem: ((item: WorkItem) => void) | undefined;

  constructor(private readonly queue: MemoryRunQueue) {}

  start(demand: number, onItem: (item: WorkItem) => void): void {
    this.free = demand;
    this.onItem = onItem;
    this.queue.deliver();
  }

  give(item: WorkItem): void {
    this.free -= 1;
    this.onItem?.(item);
  }

  release(): void {
    this.free += 1;
    this.queue.deliver();
  }

  async stop(): Promise<void> {
    this.queue.remove(this);
  }
}
