import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from '@redis/client';
import {
  eventually,
  hasRedisServer,
  recordingLogger,
  startRedisServer,
  stateStoreSuite,
  type RedisServer,
} from '@skynet/testing';
import { silentLogger } from '../../runtime/logger.js';
import { Secret } from '../../runtime/secret.js';
import { startLease, type LeaseRecord } from '../lease.js';
import type { RedisOptions } from './redis-link.js';
import { RedisStateStores } from './redis-state-stores.adapter.js';

let server: RedisServer;
const closing: (() => Promise<void>)[] = [];

/** What one process opens. */
async function opened(options: Partial<RedisOptions> = {}): Promise<RedisStateStores> {
  const url = new Secret(server.url);
  const stores = await RedisStateStores.connect({ url, log: silentLogger, ...options });
  closing.push(() => stores.close());
  return stores;
}

const disposeAll = async () => {
  for (const close of closing.splice(0)) await close();
};

function specifications(): void {
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterEach(disposeAll);
  afterAll(() => server.stop());

  stateStoreSuite('on Redis', async () => ({
    stores: await opened(),
    another: opened,
    pass: () => Promise.resolve(),
    dispose: disposeAll,
  }));

  describe('a server that is killed and started again', serverRules);
  describe('many entries', manyRules);
  describe('a change that is none of ours', foreignRules);
  describe('an address', addressRules);
  describe('a lease on Redis', leaseRules);
}

function serverRules(): void {
  it('keeps what was written, and watches miss no change of the time between', async () => {
    const bucket = await (await opened()).open<number>('restarts');
    const told: string[] = [];
    await bucket.put('a', 1);
    await bucket.put('gone', 1);
    await bucket.watch('', (key, entry) => told.push(`${key}=${entry?.value ?? 'gone'}`));
    expect(told).toEqual(['a=1', 'gone=1']);
    await server.kill();
    await server.restart();
    expect((await bucket.get('a'))?.value).toBe(1);
    const other = await (await opened()).open<number>('restarts');
    await other.put('a', 2);
    await other.delete('gone');
    await other.put('b', 3);
    await eventually(() => expect(told).toHaveLength(5));
    expect([...told].sort()).toEqual(['a=1', 'a=2', 'b=3', 'gone=1', 'gone=gone']);
  }, 15_000);

  it('or that cuts off its listeners costs a watch no change', async () => {
    const bucket = await (await opened()).open<number>('cut');
    const told: string[] = [];
    await bucket.put('a', 1);
    await bucket.put('gone', 1);
    await bucket.watch('', (key, entry) => told.push(`${key}=${entry?.value ?? 'gone'}`));
    const operator = await createClient({ url: server.url }).connect();
    const admit = (clients: number) =>
      operator.sendCommand(['CONFIG', 'SET', 'maxclients', String(clients)]);
    await admit(2);
    await operator.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']);
    await Promise.all([bucket.put('a', 2), bucket.delete('gone'), bucket.put('b', 3)]);
    expect(told).toHaveLength(2);
    await admit(100);
    await eventually(() => expect(told).toHaveLength(5));
    expect(told.slice(2).sort()).toEqual(['a=2', 'b=3', 'gone=gone']);
    await bucket.put('a', 4);
    await eventually(() => expect(told.at(-1)).toBe('a=4'));
    operator.destroy();
  });

  it('is an error that may pass while it is away, and is waited for', async () => {
    const bucket = await (await opened()).open<number>('away');
    await server.kill();
    const write = bucket.put('a', 1);
    await server.restart();
    await write.catch((error: unknown) => expect(error).toMatchObject({ retry: 'later' }));
    await bucket.put('a', 2);
    expect((await bucket.get('a'))?.value).toBe(2);
  }, 15_000);

  it('that starts later than the service is waited for', async () => {
    await server.kill();
    const { log, lines } = recordingLogger();
    const opening = opened({ log });
    await eventually(() => expect(JSON.stringify(lines)).toContain('connection to Redis failed'));
    await server.restart();
    await (await (await opening).open<number>('late')).put('a', 1);
  }, 15_000);
}

function foreignRules(): void {
  it('keeps no watch from what comes after it', async () => {
    const bucket = await (await opened()).open<number>('foreign');
    const heard: string[] = [];
    await bucket.watch('', (key) => heard.push(key));
    const operator = await createClient({ url: server.url }).connect();
    for (const change of ['{}', '', '5 k\n{}']) {
      await operator.publish('skynet:{foreign}:changes', change);
    }
    operator.destroy();
    await bucket.put('b', 2);
    await eventually(() => expect(heard).toContain('b'));
  });
}

function manyRules(): void {
  it('are all written and found again, page by page', async () => {
    const bucket = await (await opened()).open<number>('many');
    await Promise.all(Array.from({ length: 2_000 }, (_, n) => bucket.put(`k.${n % 700}`, n)));
    const seen = new Set<string>();
    let cursor: string | undefined;
    do {
      const page = await bucket.scan('k.', { limit: 90, ...(cursor && { cursor }) });
      for (const { key, value } of page.entries) if (value >= 1_300) seen.add(key);
      ({ cursor } = page);
    } while (cursor !== undefined);
    expect(seen.size).toBe(700);
    let watched = 0;
    const stop = await bucket.watch('k.', () => (watched += 1));
    expect(watched).toBe(700);
    await stop();
  });

  it('that have expired are not found in a page, which is full all the same', async () => {
    const bucket = await (await opened()).open<number>('short', { ttlMs: 300 });
    for (let n = 0; n < 20; n += 1) await bucket.put(`a.${n}`, n);
    await eventually(async () => expect((await bucket.scan('a.')).entries).toEqual([]));
    await bucket.put('b', 1);
    const operator = await createClient({ url: server.url }).connect();
    expect(await operator.zCard('skynet:{short}:keys')).toBe(1);
    operator.destroy();
    const page = await bucket.scan('', { limit: 1 });
    expect(page.entries.map(({ key }) => key)).toEqual(['b']);
    expect(page).not.toHaveProperty('cursor');
  });
}

function addressRules(): void {
  it.each(['http://user:hidden@localhost', 'redis://user:hid den@local host', 'hidden'])(
    'that is none is refused without being shown, as %s',
    async (address) => {
      const opening = opened({ url: new Secret(address) });
      const error = await opening.catch((each: unknown) => each);
      expect(error).toMatchObject({ name: 'WorldError', retry: 'never' });
      expect(JSON.stringify({ ...(error as Error), text: String(error) })).not.toContain('hid');
    },
  );

  it('with a wrong password is refused for good', async () => {
    const url = new Secret(server.url.replace('//', '//user:hidden@'));
    await expect(opened({ url })).rejects.toMatchObject({ name: 'WorldError', retry: 'never' });
  });

  it('where nobody answers is an error that says what to check', async () => {
    const url = new Secret('redis://127.0.0.1:1');
    const opening = opened({ url, startTimeoutMs: 200 });
    await expect(opening).rejects.toThrow('STATE_STORE_URL');
  });
}

function leaseRules(): void {
  it('has one holder, and another after its end', async () => {
    const contender = async (holder: string) => {
      const store = await (await opened()).open<LeaseRecord>('lease', { ttlMs: 3_000 });
      let onAcquired = (): void => undefined;
      const acquired = new Promise<void>((resolve) => (onAcquired = resolve));
      const options = { store, key: 'leader', holder, log: silentLogger };
      const lease = startLease(options, { onAcquired, onLost: () => undefined });
      return { lease, acquired };
    };
    const one = await contender('one');
    await one.acquired;
    const two = await contender('two');
    const firstEpoch = one.lease.epoch() ?? Infinity;
    await closing[0]?.();
    await two.acquired;
    expect(one.lease.isHeld()).toBe(false);
    expect(two.lease.epoch()).toBeGreaterThan(firstEpoch);
    await two.lease.stop();
    await one.lease.stop();
  }, 15_000);
}

if (hasRedisServer()) specifications();
else {
  describe('the state store on Redis', () => {
    it.skip('is not tried: this machine has no redis-server', () => undefined);
  });
}
