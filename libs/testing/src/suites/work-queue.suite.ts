import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunItem } from '@skynet/contracts';
import type { WorkItem, WorkQueue } from '@skynet/platform';
import { anAgentId } from '../builders/agents.js';
import { eventually } from './eventually.js';

/** One class of workers, and what is stored for it. */
export interface WorkQueuesUnderTest {
  /** The queue as another worker of the class sees it. */
  open(): WorkQueue;
  /** Stores the item under `run.<class>.<agentId>`. */
  push(item: RunItem): Promise<void> | void;
  /** Lets a small part of the lease go by, where time does not go by itself. */
  pass?(): Promise<void>;
  /** Items that were not acked. */
  unfinished(): Promise<number> | number;
  dispose(): Promise<void>;
}

/** What every WorkQueue does; each adapter's spec calls it. */
export function workQueueSuite(name: string, makeQueues: () => Promise<WorkQueuesUnderTest>): void {
  describe(`the work queue ${name}`, () => {
    let workers: Workers;
    beforeEach(async () => {
      workers = new Workers(await makeQueues());
    });
    afterEach(() => workers.dispose());
    describe('a worker with free slots', () => demandRules(() => workers));
    describe('an item that is held', () => leaseRules(() => workers));
    describe('an item that is given back', () => nakRules(() => workers));
    describe('an item that is acked', () => ackRules(() => workers));
    describe('a worker that stops', () => stopRules(() => workers));
  });
}

/** The workers of a test. */
class Workers {
  private readonly started: Worker[] = [];

  constructor(private readonly underTest: WorkQueuesUnderTest) {}

  start(demand: number): Worker {
    const worker = new Worker(this.underTest.open(), demand);
    this.started.push(worker);
    return worker;
  }

  async push(...numbers: number[]): Promise<void> {
    for (const number of numbers) await this.underTest.push(runItem(number));
  }

  /** Repeats the check until it passes, while time goes by. */
  async see(check: () => Promise<void> | void): Promise<void> {
    await eventually(async () => {
      await this.underTest.pass?.();
      await check();
    });
  }

  /** The same, with something done again and again meanwhile. */
  whileUntil(act: () => Promise<void>, check: () => void): Promise<void> {
    return this.see(async () => {
      await this.during(act());
      check();
    });
  }

  /** Resolves with the work, which may need time to go by. */
  async during(work: Promise<void>): Promise<void> {
    let isOver = false;
    const over = work.finally(() => (isOver = true));
    over.catch(() => undefined);
    while (!isOver && this.underTest.pass !== undefined) await this.underTest.pass();
    await over;
  }

  seeUnfinished(count: number): Promise<void> {
    return this.see(async () => expect(await this.underTest.unfinished()).toBe(count));
  }

  async dispose(): Promise<void> {
    for (const { queue } of this.started) await queue.stop();
    await this.underTest.dispose();
  }
}

/** A worker with so many slots, and what it was given. */
class Worker {
  readonly items: WorkItem[] = [];
  most = 0;
  private busy = 0;

  constructor(
    readonly queue: WorkQueue,
    demand: number,
  ) {
    queue.start(demand, (item) => {
      this.busy += 1;
      this.most = Math.max(this.most, this.busy);
      this.items.push(item);
    });
  }

  get numbers(): number[] {
    return this.items.map(numberOf);
  }

  item(index: number): WorkItem {
    const item = this.items[index];
    if (item === undefined) throw new Error(`no item ${index} was delivered`);
    return item;
  }

  release(): void {
    this.busy -= 1;
    this.queue.release();
  }

  finish(index: number): void {
    this.item(index).ack();
    this.release();
  }
}

const runItem = (number: number): RunItem => ({ agentId: anAgentId(number), dispatchId: number });
const numberOf = ({ data }: WorkItem) =>
  data !== null && typeof data === 'object' && 'dispatchId' in data ? Number(data.dispatchId) : -1;
const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);

function demandRules(workers: () => Workers): void {
  it('is given the items as they were stored, in their order', async () => {
    const worker = workers().start(1);
    await workers().push(1, 2, 3);
    for (const [index, number] of [1, 2, 3].entries()) {
      await workers().see(() => expect(worker.items).toHaveLength(index + 1));
      const { subject, data, deliveryCount } = worker.item(index);
      expect(subject).toMatch(/^run\.[\w-]+\.[\w-]+$/);
      expect(subject.endsWith(`.${anAgentId(number)}`)).toBe(true);
      expect({ data, deliveryCount }).toEqual({ data: runItem(number), deliveryCount: 1 });
      worker.finish(index);
    }
    await workers().seeUnfinished(0);
  });

  it('is given what was there before it started', async () => {
    await workers().push(1, 2);
    const worker = workers().start(5);
    await workers().see(() => expect(sorted(worker.numbers)).toEqual([1, 2]));
  });

  it('holds as many items as it has slots, and gets the next for each that it releases', async () => {
    const worker = workers().start(3);
    await workers().push(1, 2, 3, 4, 5, 6);
    for (let done = 0; done < 6; done += 1) {
      await workers().see(() => expect(worker.items).toHaveLength(Math.min(3 + done, 6)));
      worker.finish(done);
    }
    await workers().seeUnfinished(0);
    expect(worker.most).toBe(3);
    expect(sorted(worker.numbers)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('gets nothing for an item that is acked while its slot is taken', async () => {
    const [full, other] = [workers().start(1), workers().start(1)];
    await workers().push(1, 2);
    await workers().see(() => expect([full.items.length, other.items.length]).toEqual([1, 1]));
    full.item(0).ack();
    await workers().push(3, 4);
    other.finish(0);
    await workers().see(() => expect(other.items).toHaveLength(2));
    expect(full.items).toHaveLength(1);
    full.release();
    await workers().see(() => expect(full.items).toHaveLength(2));
  });

  it('shares the items with others, each with one of them', async () => {
    const [one, other] = [workers().start(4), workers().start(4)];
    await workers().push(1, 2, 3, 4, 5, 6, 7, 8);
    await workers().see(() => expect([one.items.length, other.items.length]).toEqual([4, 4]));
    expect(sorted([...one.numbers, ...other.numbers])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
}

function leaseRules(workers: () => Workers): void {
  it('comes back, counted, when the lease runs out', async () => {
    const holder = workers().start(2);
    await workers().push(1);
    await workers().see(() => expect(holder.items).toHaveLength(2));
    expect(holder.items.map(({ deliveryCount }) => deliveryCount)).toEqual([1, 2]);
    expect(holder.item(1).data).toEqual(runItem(1));
  });

  it('comes to another one when its holder has no slot left', async () => {
    const holder = workers().start(1);
    await workers().push(1);
    await workers().see(() => expect(holder.items).toHaveLength(1));
    const other = workers().start(1);
    await workers().see(() => expect(other.items).toHaveLength(1));
    expect(holder.items).toHaveLength(1);
    expect(other.item(0).deliveryCount).toBe(2);
  });

  it('stays with its holder for as long as it is extended', async () => {
    const holder = workers().start(1);
    await workers().push(1);
    await workers().see(() => expect(holder.items).toHaveLength(1));
    const other = workers().start(9);
    await workers().push(2);
    await workers().whileUntil(
      () => holder.item(0).extend(),
      () => expect(other.items).toHaveLength(3),
    );
    expect(other.numbers).toEqual([2, 2, 2]);
    expect(holder.items).toHaveLength(1);
  });

  it('is done also by the ack of a holder that had lost it', async () => {
    const holder = workers().start(1);
    await workers().push(1);
    await workers().see(() => expect(holder.items).toHaveLength(1));
    const other = workers().start(1);
    await workers().see(() => expect(other.items).toHaveLength(1));
    holder.item(0).ack();
    await workers().seeUnfinished(0);
  });

  it('comes back also when a holder that had lost it gives it back', async () => {
    const holder = workers().start(1);
    await workers().push(1);
    await workers().see(() => expect(holder.items).toHaveLength(1));
    const other = workers().start(1);
    await workers().see(() => expect(other.items).toHaveLength(1));
    const third = workers().start(1);
    holder.item(0).nak();
    await workers().whileUntil(
      () => other.item(0).extend(),
      () => expect(third.numbers).toEqual([1]),
    );
  });

  it('is extended also by a holder that had lost it', async () => {
    const holder = workers().start(1);
    await workers().push(1);
    await workers().see(() => expect(holder.items).toHaveLength(1));
    const other = workers().start(9);
    await workers().see(() => expect(other.items).toHaveLength(1));
    await workers().push(2);
    await workers().whileUntil(
      () => holder.item(0).extend(),
      () => expect(other.items).toHaveLength(4),
    );
    expect(other.numbers).toEqual([1, 2, 2, 2]);
  });
}

function nakRules(workers: () => Workers): void {
  it('comes back at once, counted, while its holder has another slot', async () => {
    const holder = workers().start(2);
    await workers().push(1);
    await workers().see(() => expect(holder.items).toHaveLength(1));
    holder.item(0).nak();
    await workers().see(() => expect(holder.items).toHaveLength(2));
    expect(holder.item(1).deliveryCount).toBe(2);
    await workers().during(holder.item(1).extend());
    await workers().seeUnfinished(1);
  });

  it('comes back to a slot that is free, not to the one that its holder has not released', async () => {
    const holder = workers().start(1);
    await workers().push(1, 2);
    await workers().see(() => expect(holder.items).toHaveLength(1));
    holder.item(0).nak();
    const other = workers().start(2);
    await workers().see(() => expect(sorted(other.numbers)).toEqual([1, 2]));
    expect(holder.items).toHaveLength(1);
  });

  it('comes after those of a shorter pause', async () => {
    const worker = workers().start(6);
    await workers().push(1, 2, 3);
    await workers().see(() => expect(sorted(worker.numbers)).toEqual([1, 2, 3]));
    const given = new Map(worker.items.map((item) => [numberOf(item), item]));
    given.get(1)?.nak(300);
    given.get(2)?.nak(150);
    given.get(3)?.nak();
    await workers().see(() => expect(worker.items).toHaveLength(6));
    expect(worker.numbers.slice(3)).toEqual([3, 2, 1]);
    await workers().seeUnfinished(3);
  });

  it('does not come back when it was acked before', async () => {
    const worker = workers().start(3);
    await workers().push(1);
    await workers().see(() => expect(worker.items).toHaveLength(1));
    worker.item(0).ack();
    worker.item(0).nak();
    await workers().push(2);
    await workers().see(() => expect(worker.numbers).toEqual([1, 2]));
    await workers().seeUnfinished(1);
  });
}

function ackRules(workers: () => Workers): void {
  it('is gone for good, also when it is acked twice', async () => {
    const worker = workers().start(9);
    await workers().push(1, 2);
    await workers().see(() => expect(sorted(worker.numbers)).toEqual([1, 2]));
    const done = worker.items.find((item) => numberOf(item) === 1);
    done?.ack();
    done?.ack();
    if (done !== undefined) await workers().during(done.extend());
    await workers().seeUnfinished(1);
    // By then the lease of the one would have run out as well.
    await workers().see(() =>
      expect(worker.numbers.filter((number) => number === 2)).toHaveLength(3),
    );
    expect(worker.numbers.filter((number) => number === 1)).toHaveLength(1);
  });
}

function stopRules(workers: () => Workers): void {
  it('gets nothing more, keeps what it holds, and leaves the rest to others', async () => {
    const leaving = workers().start(2);
    await workers().push(1, 2);
    await workers().see(() => expect(leaving.items).toHaveLength(2));
    leaving.finish(0);
    await leaving.queue.stop();
    await workers().during(leaving.item(1).extend());
    await workers().push(3, 4);
    const staying = workers().start(2);
    await workers().see(() => expect(sorted(staying.numbers)).toEqual([3, 4]));
    leaving.finish(1);
    await workers().seeUnfinished(2);
    expect(leaving.items).toHaveLength(2);
  });

  it('gives what it gives back to others', async () => {
    const leaving = workers().start(2);
    await workers().push(1);
    await workers().see(() => expect(leaving.items).toHaveLength(1));
    await leaving.queue.stop();
    leaving.item(0).nak();
    const staying = workers().start(1);
    await workers().see(() => expect(staying.numbers).toEqual([1]));
    expect(staying.item(0).deliveryCount).toBe(2);
    expect(leaving.items).toHaveLength(1);
  });
}
