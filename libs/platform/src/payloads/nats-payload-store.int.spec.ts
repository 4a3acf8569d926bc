import { Kvm } from '@nats-io/kv';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LaggingCopy, payloadStoreSuite, startNatsServer, type NatsServer } from '@skynet/testing';
import { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { silentLogger as log } from '../runtime/logger.js';
import { NatsPayloadStore } from './nats-payload-store.adapter.js';

let server: NatsServer;
let link: NatsLink;
let publisher: LeanPublisher;
let buckets = 0;

const openStore = (bucket: string) => NatsPayloadStore.open(link, publisher, { bucket });

beforeAll(async () => {
  server = await startNatsServer();
  link = await connectNats({ url: server.url, name: 'test', log });
  publisher = new LeanPublisher(link);
});
afterAll(async () => {
  publisher.close();
  await link.close();
  await server.stop();
});

payloadStoreSuite('on NATS KV', async () => {
  buckets += 1;
  return { store: await openStore(`payloads${buckets}`), dispose: () => Promise.resolve() };
});

describe('a payload that something else wrote over', () => {
  it('is reported as damaged, never returned', async () => {
    const store = await openStore('damaged');
    const ref = await store.put('acme', 'text');
    const kv = await new Kvm(link.connection).open('damaged');
    await kv.put(`acme.${ref.sha256}`, 'other text');
    await expect(store.get('acme', ref)).rejects.toThrow('damaged');
  });
});

describe('a payload that a copy of the bucket has not heard of', () => {
  it('is not missing', async () => {
    const ref = await (await openStore('behind')).put('acme', 'text');
    const reading = await connectNats({ url: server.url, name: 'test', log });
    const copy = new LaggingCopy(reading.connection);
    const store = await NatsPayloadStore.open(reading, publisher, { bucket: 'behind' });
    copy.isBehindOnce(`$KV.behind.acme.${ref.sha256}`, 0);
    expect(await store.get('acme', ref)).toBe('text');
    expect(copy.isDone).toBe(true);
    await reading.close();
  });
});

describe('a payload that a sweep deleted', () => {
  it('is missing until it is stored again', async () => {
    const store = await openStore('swept');
    const ref = await store.put('acme', 'text');
    const kv = await new Kvm(link.connection).open('swept');
    await kv.delete(`acme.${ref.sha256}`);
    expect(await store.get('acme', ref)).toBeUndefined();
    await store.put('acme', 'text');
    expect(await store.get('acme', ref)).toBe('text');
  });

  it('is written once, however often it is stored', async () => {
    const store = await openStore('once');
    const ref = await store.put('acme', 'text');
    const kv = await new Kvm(link.connection).open('once');
    const first = await kv.get(`acme.${ref.sha256}`);
    await store.put('acme', 'text');
    expect((await kv.get(`acme.${ref.sha256}`))?.revision).toBe(first?.revision);
  });
});
