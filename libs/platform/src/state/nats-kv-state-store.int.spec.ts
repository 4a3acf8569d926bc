import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  eventually,
  LaggingCopy,
  startNatsServer,
  stateStoreSuite,
  type NatsServer,
} from '@skynet/testing';
import { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { silentLogger as log } from '../runtime/logger.js';
import { NatsKvStateStores } from './nats-kv-state-stores.adapter.js';

let server: NatsServer;
const closing: (() => Promise<void>)[] = [];

/** What one process opens. */
async function opened(
  withLink: (link: NatsLink) => void = () => undefined,
): Promise<NatsKvStateStores> {
  const link = await connectNats({ url: server.url, name: 'test', log });
  withLink(link);
  const publisher = new LeanPublisher(link);
  const stores = new NatsKvStateStores(link, publisher, { log });
  closing.push(async () => {
    await stores.close();
    publisher.close();
    await link.close();
  });
  return stores;
}

const disposeAll = async () => {
  for (const close of closing.splice(0)) await close();
};

beforeAll(async () => {
  server = await startNatsServer();
});
afterEach(disposeAll);
afterAll(() => server.stop());

stateStoreSuite('on NATS KV', async () => ({
  stores: await opened(),
  another: () => opened(),
  pass: () => Promise.resolve(),
  dispose: disposeAll,
}));

describe('a server that is killed and started again', () => {
  it('keeps what was written, and watches go on', async () => {
    const bucket = await (await opened()).open<number>('restarts');
    const seen = new Map<string, number | undefined>();
    await bucket.watch('', (key, entry) => seen.set(key, entry?.value));
    await bucket.put('a', 1);
    await server.kill();
    await server.restart();
    expect((await bucket.get('a'))?.value).toBe(1);
    await bucket.put('b', 2);
    await eventually(() =>
      expect([...seen.entries()]).toEqual([
        ['a', 1],
        ['b', 2],
      ]),
    );
  }, 8_000);
});

describe('a copy of a bucket that is behind', () => {
  async function lagging(name: string) {
    let copy: LaggingCopy | undefined;
    const writing = await (await opened()).open<number>(name);
    const reading = await opened((link) => (copy = new LaggingCopy(link.connection)));
    const bucket = await reading.open<number>(name);
    const knowsOnce = (key: string, sequence: number) =>
      copy?.isBehindOnce(`$KV.${name}.${key}`, sequence);
    return { writing, bucket, knowsOnce };
  }

  it('does not hide a value that it has not heard of', async () => {
    const { writing, bucket, knowsOnce } = await lagging('behind');
    await writing.put('a', 1);
    knowsOnce('a', 0);
    expect((await bucket.get('a'))?.value).toBe(1);
    knowsOnce('a', 0);
    await bucket.delete('a');
    expect(await writing.get('a')).toBeUndefined();
  });

  it('does not hide a value that was written again after its deletion', async () => {
    const { writing, bucket, knowsOnce } = await lagging('again');
    await writing.put('a', 1);
    await writing.delete('a');
    const marked = await writing.put('b', 1);
    await writing.put('a', 2);
    knowsOnce('a', marked - 1);
    expect((await bucket.get('a'))?.value).toBe(2);
  });

  it('leaves absent what is absent', async () => {
    const { writing, bucket } = await lagging('absent');
    expect(await bucket.get('a')).toBeUndefined();
    await writing.put('a', 1);
    await writing.delete('a');
    expect(await bucket.get('a')).toBeUndefined();
    expect(await bucket.put('a', 3, 'absent')).toBe(3);
  });
});

describe('a value that is none of ours', () => {
  it('keeps no watch from what comes after it', async () => {
    let own: NatsLink | undefined;
    const bucket = await (await opened((link) => (own = link))).open<number>('foreign');
    own?.connection.publish('$KV.foreign.before', '{}');
    const heard: string[] = [];
    await own?.roundTrip();
    await bucket.watch('', (key) => heard.push(key));
    await bucket.put('a', 1);
    own?.connection.publish('$KV.foreign.between', '{}');
    await bucket.put('b', 2);
    await eventually(() => expect(heard).toEqual(['a', 'b']));
  });
});

describe('many writes at once', () => {
  it('are all stored', async () => {
    const bucket = await (await opened()).open<number>('many');
    await Promise.all(Array.from({ length: 2_000 }, (_, n) => bucket.put(`k.${n % 500}`, n)));
    const page = await bucket.scan('k.', { limit: 1_000 });
    expect(page.entries).toHaveLength(500);
    expect(page.entries.every(({ value }) => value >= 1_500)).toBe(true);
  });
});
