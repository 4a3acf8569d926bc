import { afterAll, beforeAll } from '@jest/globals';
import { eventStoreSuite, startNatsCluster, type NatsCluster } from '@skynet/testing';
import { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import { silentLogger as log } from '../runtime/logger.js';
import { JetStreamEventStore } from './jetstream-event-store.adapter.js';

const LIMIT_MS = 60_000;

let cluster: NatsCluster;
let logs = 0;
let processes = 0;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  cluster = await startNatsCluster();
}, LIMIT_MS);
afterAll(() => cluster.stop(), LIMIT_MS);

/** What one process opens, each on another server. */
async function opened(number: number) {
  const { members } = cluster;
  const { url = '' } = members[(processes += 1) % members.length] ?? {};
  const link = await connectNats({ url, name: 'test', log });
  const publisher = new LeanPublisher(link);
  const names = { logStream: `LOG${number}`, prefix: `log${number}` };
  const store = await JetStreamEventStore.open(link, publisher, { ...names, replicas: 3, log });
  const close = async () => {
    await store.close();
    publisher.close();
    await link.close();
  };
  closing.push(close);
  return { store, link, close };
}

eventStoreSuite('on JetStream with three servers', async () => {
  const number = (logs += 1);
  let current = await opened(number);
  const reopen = async () => {
    await current.close();
    current = await opened(number);
    return current.store;
  };
  const damage = async (stream: string) => {
    const subject = `log${number}.${stream.replace('-', '.')}`;
    await current.link.connection.request(subject, 'no commit');
  };
  const dispose = async () => {
    for (const close of closing.splice(0)) await close();
  };
  return { store: current.store, reopen, damage, dispose };
});
