import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { recordingLogger, startNatsCluster, type NatsCluster } from '@skynet/testing';
import { JetStreamEventStore } from '../../event-store/jetstream-event-store.adapter.js';
import { NatsPayloadStore } from '../../payloads/nats-payload-store.adapter.js';
import { silentLogger as silent } from '../../runtime/logger.js';
import { NatsKvStateStores } from '../../state/nats-kv-state-stores.adapter.js';
import { ensureStreams, streamManager } from '../jetstream/jetstream-streams.js';
import { listStreams, remakeStreams } from '../jetstream/stream-inventory.js';
import { LeanPublisher } from '../nats/lean-publisher.js';
import { connectNats } from '../nats/nats-connection.js';
import type { NatsLink } from '../nats/nats-link.js';

const LIMIT_MS = 60_000;

let cluster: NatsCluster;
let link: NatsLink;

beforeAll(async () => {
  cluster = await startNatsCluster();
  link = await connectNats({ url: cluster.url, name: 'test', log: silent });
}, LIMIT_MS);
afterEach(async () => {
  const manager = await streamManager(link.connection);
  for (const { name } of await listStreams(link)) await manager.streams.delete(name);
}, LIMIT_MS);
afterAll(async () => {
  await link.close();
  await cluster.stop();
}, LIMIT_MS);

/** What a process does that is told this number of copies, and opens this bucket. */
async function runs(replicas: number | undefined, bucket: string) {
  const { log, lines } = recordingLogger();
  const own = await connectNats({ url: cluster.url, name: 'test', log: silent });
  const publisher = new LeanPublisher(own);
  await ensureStreams(own.connection, { replicas, log });
  const names = { logStream: 'LOG', prefix: 'log' };
  const store = await JetStreamEventStore.open(own, publisher, { ...names, replicas, log });
  const states = new NatsKvStateStores(own, publisher, { replicas, log });
  await states.open(bucket);
  await NatsPayloadStore.open(own, publisher, { replicas });
  await states.close();
  await store.close();
  publisher.close();
  await own.close();
  return lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
}

/** Names of the streams by their number of copies. */
async function copies(): Promise<Record<number, string[]>> {
  const manager = await streamManager(link.connection);
  const found: Record<number, string[]> = {};
  for await (const { config } of manager.streams.list()) {
    found[config.num_replicas] = [...(found[config.num_replicas] ?? []), config.name].toSorted();
  }
  return found;
}

const shared = ['AUDIT', 'CMD', 'DEAD', 'HEALTH', 'KV_payloads', 'LOG', 'RUN'];
const all = (...buckets: string[]) => [...shared, ...buckets].toSorted();

describe('a system that was made with three copies', () => {
  it.each([undefined, 1])(
    'keeps three of everything, new buckets too, whatever a later process is told: %s',
    async (told) => {
      expect(await runs(3, 'first')).toEqual([]);
      await runs(told, 'second');
      expect(await copies()).toEqual({ 3: all('KV_first', 'KV_second') });
    },
    LIMIT_MS,
  );

  it(
    'tells a process that was told another number, once and with the way to change it',
    async () => {
      await runs(3, 'first');
      const warnings = await runs(1, 'second');
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain('NATS_REPLICAS is 1, but 5 of 5 streams');
      expect(warnings[0]).toContain('skynet log replicas');
      expect(await runs(undefined, 'third')).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'has three copies of queues that are remade by somebody who was told nothing',
    async () => {
      await runs(3, 'first');
      await remakeStreams(link, ['CMD', 'RUN', 'KV_first']);
      expect(await copies()).toEqual({ 3: all() });
    },
    LIMIT_MS,
  );
});

describe('a system that was made with one copy', () => {
  it(
    'keeps one of everything, new buckets too, though a later process is told three',
    async () => {
      await runs(undefined, 'first');
      const warnings = await runs(3, 'second');
      expect(await copies()).toEqual({ 1: all('KV_first', 'KV_second') });
      expect(warnings).toEqual([expect.stringContaining('NATS_REPLICAS is 3')]);
    },
    LIMIT_MS,
  );

  it(
    'gets its other settings without losing a copy',
    async () => {
      await runs(3, 'first');
      const manager = await streamManager(link.connection);
      await manager.streams.update('CMD', { max_bytes: 1_048_576 });
      await runs(1, 'first');
      const { config } = await manager.streams.info('CMD');
      expect(config).toMatchObject({ num_replicas: 3, max_bytes: 256 * 1_048_576 });
    },
    LIMIT_MS,
  );
});
