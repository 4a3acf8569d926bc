import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { subjects } from '@skynet/contracts';
import { eventually, startNatsServer, workQueueSuite, type NatsServer } from '@skynet/testing';
import { silentLogger as log } from '../../runtime/logger.js';
import { LeanPublisher } from '../nats/lean-publisher.js';
import { connectNats } from '../nats/nats-connection.js';
import type { NatsLink } from '../nats/nats-link.js';
import type { WorkItem } from '../work-queue.port.js';
import { DeadLetters } from './dead-letters.js';
import { ensureStreams, streamManager } from './jetstream-streams.js';
import { JetStreamWorkQueue } from './jetstream-work-queue.adapter.js';

const LEASE_MS = 600;
let server: NatsServer;
let link: NatsLink;
let publisher: LeanPublisher;
let queues: Worker[];
let workerClass: string;
let classes = 0;

/** A worker with slots, and the items it holds. */
class Worker {
  readonly items: WorkItem[] = [];
  most = 0;
  #held = 0;
  readonly queue: JetStreamWorkQueue;

  constructor(
    readonly demand: number,
    readonly ackWaitMs: number,
  ) {
    this.queue = new JetStreamWorkQueue(link, {
      stream: 'RUN',
      durable: workerClass,
      filter: `run.${workerClass}.*`,
      ackWaitMs,
      deadLetters: new DeadLetters(publisher, log),
      log,
    });
    queues.push(this);
  }

  start(onItem: (item: WorkItem) => void = () => undefined): this {
    this.queue.start(this.demand, (item) => {
      this.#held += 1;
      this.most = Math.max(this.most, this.#held);
      this.items.push(item);
      onItem(item);
    });
    return this;
  }

  finish(item: WorkItem): void {
    this.#held -= 1;
    item.ack();
    this.queue.release();
  }

  get numbers(): unknown[] {
    return this.items.map(({ data }) => data);
  }
}

const worker = (demand: number, ackWaitMs = LEASE_MS) => new Worker(demand, ackWaitMs);
const publish = (count: number, from = 0) =>
  Promise.all(
    Array.from({ length: count }, (_, n) =>
      publisher.publish(`run.${workerClass}.agent${from + n}`, JSON.stringify(from + n)),
    ),
  );
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
const sorted = (values: unknown[]) => [...values].sort((a, b) => Number(a) - Number(b));
const waitingItems = async () => {
  const manager = await streamManager(link.connection);
  const info = await manager.consumers.info('RUN', workerClass);
  return info.num_pending + info.num_ack_pending;
};

beforeAll(async () => {
  server = await startNatsServer();
  link = await connectNats({ url: server.url, name: 'test', log });
  publisher = new LeanPublisher(link);
  await ensureStreams(link.connection);
});
beforeEach(() => {
  queues = [];
  workerClass = `class${(classes += 1)}`;
});
afterEach(() => Promise.all(queues.map(({ queue }) => queue.stop())));
afterAll(async () => {
  publisher.close();
  await link.close();
  await server.stop();
});

workQueueSuite('on JetStream', () => {
  workerClass = `class${(classes += 1)}`;
  queues = [];
  return Promise.resolve({
    open: () => worker(0).queue,
    push: async (item) => {
      await publisher.publish(subjects.run(workerClass, item.agentId), JSON.stringify(item));
    },
    unfinished: waitingItems,
    dispose: () => Promise.resolve(),
  });
});

describe('a worker with free slots', () => {
  it('is never given more than its slots while items come and go in a hurry', async () => {
    const busy = worker(7, 30_000);
    busy.start((item) => setImmediate(() => busy.finish(item)));
    await publish(500);
    await eventually(() => expect(busy.items).toHaveLength(500));
    expect(busy.most).toBeLessThanOrEqual(7);
    expect(sorted(busy.numbers)).toEqual(numbers(500));
  });

  it('fills all of them again when many become free at once', async () => {
    const busy = worker(10, 30_000).start();
    await publish(20);
    await eventually(() => expect(busy.items).toHaveLength(10));
    for (const item of busy.items.slice(0, 5)) busy.finish(item);
    await eventually(() => expect(busy.items).toHaveLength(15));
  });

  it('asks again and again while there is nothing, and takes what comes then', async () => {
    let asked = 0;
    const requests = `$JS.API.CONSUMER.MSG.NEXT.RUN.${workerClass}`;
    const watch = link.connection.subscribe(requests, { callback: () => void (asked += 1) });
    const idle = worker(3, 30_000).start();
    await eventually(() => expect(asked).toBeGreaterThan(3), 4_000);
    await publish(5);
    await eventually(() => expect(idle.items).toHaveLength(3));
    watch.unsubscribe();
  });
});

describe('an item that is held', () => {
  it('is not extended by a server that does not have its consumer any more', async () => {
    const holder = worker(1, 30_000).start();
    await publish(1);
    await eventually(() => expect(holder.items).toHaveLength(1));
    await holder.queue.stop();
    await holder.items[0]?.extend();
    await (await streamManager(link.connection)).consumers.delete('RUN', workerClass);
    await expect(holder.items[0]?.extend()).rejects.toMatchObject({ retry: 'later' });
  });
});

describe('a worker that stops while items are on their way to it', () => {
  it('has each of them delivered once, to it or soon to another', async () => {
    const leaving = worker(1_000, 30_000).start();
    const staying = worker(1_000, 30_000);
    const sender = await connectNats({ url: server.url, name: 'sender', log });
    const outside = new LeanPublisher(sender);
    const publishing = (async () => {
      for (const number of numbers(300)) {
        await outside.publish(`run.${workerClass}.agent${number}`, JSON.stringify(number));
      }
    })();
    await eventually(() => expect(leaving.items.length).toBeGreaterThan(25));
    await leaving.queue.stop();
    await publishing;
    staying.start();
    await eventually(() => {
      expect(sorted([...leaving.numbers, ...staying.numbers])).toEqual(numbers(300));
    });
    outside.close();
    await sender.close();
  });
});

describe('an item that is no JSON', () => {
  it('becomes a dead letter and takes no slot', async () => {
    const holder = worker(1, 30_000).start();
    await publisher.publish(`run.${workerClass}.bad`, '{');
    await publish(1);
    await eventually(() => expect(holder.numbers).toEqual([0]));
    const manager = await streamManager(link.connection);
    await eventually(async () => {
      const subject = `dead.run.${workerClass}.bad`;
      const dead = await manager.streams.getMessage('DEAD', { last_by_subj: subject });
      expect(dead?.string()).toBe('{');
      expect(dead?.header.get('Skynet-Reason')).toMatch('no JSON');
    });
    await eventually(async () => expect(await waitingItems()).toBe(1));
  });
});

describe('a server that is killed and started again', () => {
  it('goes on with every item, none finished twice', async () => {
    const busy = worker(5).start((item) => setImmediate(() => busy.finish(item)));
    await publish(50);
    await eventually(() => expect(new Set(busy.numbers).size).toBe(50));
    await server.kill();
    await expect(busy.items[0]?.extend()).rejects.toMatchObject({ retry: 'later' });
    await server.restart();
    await link.whenConnected(5_000);
    await publish(50, 50);
    await eventually(() => expect(new Set(busy.numbers).size).toBe(100));
    expect(busy.most).toBeLessThanOrEqual(5);
    await eventually(async () => expect(await waitingItems()).toBe(0));
  });

  it('goes on also when the consumer is gone', async () => {
    const holder = worker(5, 30_000).start();
    await publish(1);
    await eventually(() => expect(holder.numbers).toEqual([0]));
    await (await streamManager(link.connection)).consumers.delete('RUN', workerClass);
    await publish(1, 1);
    await eventually(() => expect(holder.numbers).toContain(1));
  });
});
