import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { payloadStoreSuite, startNatsCluster, type NatsCluster } from '@skynet/testing';
import { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import { silentLogger as log } from '../runtime/logger.js';
import { NatsPayloadStore } from './nats-payload-store.adapter.js';

const LIMIT_MS = 60_000;
const TEXTS = 100;

let cluster: NatsCluster;
let processes = 0;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  cluster = await startNatsCluster();
}, LIMIT_MS);
afterAll(async () => {
  for (const close of closing.splice(0)) await close();
  await cluster.stop();
}, LIMIT_MS);

/** What one process opens, each on another server. */
async function opened(bucket: string): Promise<NatsPayloadStore> {
  const { members } = cluster;
  const { url = '' } = members[(processes += 1) % members.length] ?? {};
  const link = await connectNats({ url, name: 'test', log });
  const publisher = new LeanPublisher(link);
  closing.push(async () => {
    publisher.close();
    await link.close();
  });
  return NatsPayloadStore.open(link, publisher, { bucket, replicas: 3 });
}

payloadStoreSuite('on NATS KV with three servers', async () => ({
  store: await opened(`payloads${processes}`),
  dispose: () => Promise.resolve(),
}));

describe('a payload that was just stored through one server', () => {
  it(
    'is never missing on another one',
    async () => {
      const writing = await opened('shared');
      const reading = [await opened('shared'), await opened('shared')];
      for (let n = 0; n < TEXTS; n += 1) {
        const ref = await writing.put('acme', `text ${n}`);
        const read = await Promise.all(reading.map((store) => store.get('acme', ref)));
        expect(read).toEqual([`text ${n}`, `text ${n}`]);
      }
    },
    LIMIT_MS,
  );
});
