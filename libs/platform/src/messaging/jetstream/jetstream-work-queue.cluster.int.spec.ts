import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, startNatsCluster, type NatsCluster } from '@skynet/testing';
import { silentLogger as log } from '../../runtime/logger.js';
import { LeanPublisher } from '../nats/lean-publisher.js';
import { connectNats } from '../nats/nats-connection.js';
import type { NatsLink } from '../nats/nats-link.js';
import { DeadLetters } from './dead-letters.js';
import { ensureStreams, streamManager } from './jetstream-streams.js';
import { JetStreamWorkQueue } from './jetstream-work-queue.adapter.js';

const LIMIT_MS = 60_000;
const ITEMS = 300;
const SLOTS = 7;

let cluster: NatsCluster;
let links: NatsLink[];
let publishers: LeanPublisher[];

beforeAll(async () => {
  cluster = await startNatsCluster();
  const { members } = cluster;
  links = await Promise.all(
    members.map(({ url }) => connectNats({ url: `${url},${cluster.url}`, name: 'test', log })),
  );
  publishers = links.map((link) => new LeanPublisher(link));
  for (const { connection } of links) await ensureStreams(connection, { replicas: 3 });
}, LIMIT_MS);
afterAll(async () => {
  for (const publisher of publishers) publisher.close();
  for (const link of links) await link.close();
  await cluster.stop();
}, LIMIT_MS);

/** A worker on each server, which notes the items that it finishes. */
function workers(workerClass: string) {
  const done: unknown[] = [];
  const queues = links.map((link, index) => {
    const queue = new JetStreamWorkQueue(link, {
      stream: 'RUN',
      durable: workerClass,
      filter: `run.${workerClass}.*`,
      ackWaitMs: 5_000,
      deadLetters: new DeadLetters(publishers[index] as LeanPublisher, log),
      log,
    });
    queue.start(SLOTS, (item) => {
      done.push(item.data);
      item.ack();
      queue.release();
    });
    return queue;
  });
  const publish = (from: number, to: number) =>
    Promise.all(
      numbers(from, to).map((n) =>
        (publishers[n % links.length] as LeanPublisher).publish(
          `run.${workerClass}.agent${n}`,
          String(n),
        ),
      ),
    );
  const waiting = async () => {
    const manager = await streamManager((links[0] as NatsLink).connection);
    const { num_pending, num_ack_pending } = await manager.consumers.info('RUN', workerClass);
    return num_pending + num_ack_pending;
  };
  const stop = async () => {
    for (const queue of queues) await queue.stop();
  };
  return { done, publish, waiting, stop };
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => from + index);
const sorted = (values: readonly unknown[]) =>
  values.map(Number).toSorted((one, other) => one - other);

describe('workers on the servers of a cluster', () => {
  it(
    'share one queue, each item once',
    async () => {
      const { done, publish, waiting, stop } = workers('steady');
      await publish(0, ITEMS);
      await eventually(() => expect(sorted(done)).toEqual(numbers(0, ITEMS)), LIMIT_MS / 2);
      await eventually(async () => expect(await waiting()).toBe(0), LIMIT_MS / 2);
      await stop();
    },
    LIMIT_MS,
  );

  it(
    'miss no item when the server that leads the queue is killed',
    async () => {
      const { done, publish, waiting, stop } = workers('killed');
      await publish(0, ITEMS);
      const manager = await streamManager((links[0] as NatsLink).connection);
      const { cluster: raft } = await manager.streams.info('RUN');
      const leader = cluster.members.find(({ name }) => name === raft?.leader);
      const more = publish(ITEMS, 2 * ITEMS).catch(() => undefined);
      await leader?.kill();
      await more;
      await eventually(() => publish(ITEMS, 2 * ITEMS).then(() => undefined), LIMIT_MS / 2);
      await leader?.restart();
      const all = numbers(0, 2 * ITEMS);
      await eventually(() => expect(sorted([...new Set(done)])).toEqual(all), LIMIT_MS / 2);
      await eventually(async () => expect(await waiting()).toBe(0), LIMIT_MS / 2);
      await stop();
    },
    2 * LIMIT_MS,
  );
});
