import { afterAll, beforeAll } from '@jest/globals';
import { startNatsCluster, stateStoreSuite, type NatsCluster } from '@skynet/testing';
import { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import { silentLogger as log } from '../runtime/logger.js';
import { NatsKvStateStores } from './nats-kv-state-stores.adapter.js';

const LIMIT_MS = 60_000;

let cluster: NatsCluster;
let processes = 0;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  cluster = await startNatsCluster();
}, LIMIT_MS);
afterAll(() => cluster.stop(), LIMIT_MS);

/** What one process opens, each on another server. */
async function opened(): Promise<NatsKvStateStores> {
  const { members } = cluster;
  const { url = '' } = members[(processes += 1) % members.length] ?? {};
  const link = await connectNats({ url, name: 'test', log });
  const publisher = new LeanPublisher(link);
  const stores = new NatsKvStateStores(link, publisher, { replicas: 3, log });
  closing.push(async () => {
    await stores.close();
    publisher.close();
    await link.close();
  });
  return stores;
}

stateStoreSuite('on NATS KV with three servers', async () => ({
  stores: await opened(),
  another: () => opened(),
  pass: () => Promise.resolve(),
  dispose: async () => {
    for (const close of closing.splice(0)) await close();
  },
}));
