import type { RunItem } from '@skynet/contracts';
import type { Clock, WorkItem, WorkQueue } from '@skynet/platform';

interface Entry {
  readonly data: unknown;
  deliveries: number;
  /** The delivery that holds the item; an older one can no longer ack. */
  holder: number | undefined;
  isDone: boolean;
  /** Who had it last; others come first. */
  last?: MemoryWorkQueue;
}

/** The work queue of all workers of one world, in memory; leases run out when the test says so. */
export class MemoryRunQueue {
  private readonly entries: Entry[] = [];
  private readonly workers = new Set<MemoryWorkQueue>();

  constructor(private readonly clock: Clock) {}

  push(item: RunItem): void {
    this.entries.push({ data: item, deliveries: 0, holder: undefined, isDone: false });
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
      if (entry.isDone || entry.holder !== undefined) continue;
      const free = [...this.workers].filter((worker) => worker.free > 0);
      const worker = free.find((other) => other !== entry.last) ?? free[0];
      if (worker === undefined) return;
      entry.last = worker;
      entry.deliveries += 1;
      entry.holder = entry.deliveries;
      worker.give(this.itemOf(entry));
    }
  }

  private itemOf(entry: Entry): WorkItem {
    const delivery = entry.deliveries;
    const isHolder = () => entry.holder === delivery;
    const giveBack = () => {
      if (isHolder()) entry.holder = undefined;
      this.deliver();
    };
    return {
      subject: 'run.default.agent',
      data: entry.data,
      deliveryCount: delivery,
      ack: () => {
        entry.isDone ||= isHolder();
      },
      nak: (delayMs) => {
        if (delayMs === undefined) giveBack();
        else this.clock.timer(delayMs, giveBack);
      },
      extend: () => Promise.resolve(),
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
