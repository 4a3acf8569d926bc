import { nanos } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allBuckets, streams } from '@skynet/contracts';
import { startNatsServer, type NatsServer } from '@skynet/testing';
import { streamManager } from '../messaging/jetstream/jetstream-streams.js';
import { openBucket } from '../messaging/jetstream/kv-buckets.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { silentLogger as log } from '../runtime/logger.js';
import { installStores } from './install-stores.js';
import { readPlatformSettings } from './platform.config.js';

let server: NatsServer;
let link: NatsLink;

const everyStream = Object.values(streams);
const everyBucket = allBuckets.map(({ bucket }) => `KV_${bucket}`);
const LOGS = [streams.log, streams.authLog];

beforeEach(async () => {
  server = await startNatsServer();
  link = await connectNats({ url: server.url, name: 'spec', log });
});
afterEach(async () => {
  await link.close();
  await server.stop();
});

const install = (environment: Record<string, string> = {}) =>
  installStores(readPlatformSettings({ NATS_URL: server.url, ...environment }));

const sorted = (names: readonly string[]) => [...names].sort();

async function configOf(name: string) {
  return (await (await streamManager(link.connection)).streams.info(name)).config;
}

describe('what the operator makes', () => {
  it('is every stream and bucket, once', async () => {
    expect(sorted(await install())).toEqual(sorted([...everyStream, ...everyBucket]));
    expect(await install()).toEqual([]);
    for (const { bucket, ttlMs = 0 } of allBuckets) {
      const { max_age, max_msgs_per_subject } = await configOf(`KV_${bucket}`);
      expect([bucket, max_age, max_msgs_per_subject]).toEqual([bucket, nanos(ttlMs), 1]);
    }
  });

  it('is no log that is kept in EventStoreDB', async () => {
    const eventStore = {
      EVENT_STORE: 'eventstoredb',
      EVENT_STORE_URL: 'kurrentdb://x:1?tls=false',
    };
    const made = await install(eventStore);
    const others = everyStream.filter((name) => !LOGS.some((one) => one === name));
    expect(sorted(made)).toEqual(sorted([...others, ...everyBucket]));
  });

  it('is no bucket that is kept in Redis or on files', async () => {
    const redis = { STATE_STORE: 'redis', STATE_STORE_URL: 'redis://127.0.0.1:1' };
    expect(sorted(await install(redis))).toEqual(sorted([...everyStream, 'KV_payloads']));
    const files = { PAYLOAD_STORE: 'file', PAYLOAD_STORE_FOLDER: '/nowhere' };
    const made = await install(files);
    expect(made).not.toContain('KV_payloads');
    expect(made).toHaveLength(everyBucket.length - 1);
  });

  it('has the time to live of this release, and keeps what is in it', async () => {
    const old = await openBucket(link, 'leases', { history: 1 });
    await old.put('a', 'kept');
    await openBucket(link, 'oidc', { history: 1, ttl: 1_000 });
    await openBucket(link, 'checkpoints', { history: 1, ttl: 60_000 });
    await install();
    expect((await configOf('KV_leases')).max_age).toBe(nanos(3_000));
    expect((await configOf('KV_oidc')).max_age).toBe(nanos(90 * 24 * 3_600_000));
    expect((await configOf('KV_checkpoints')).max_age).toBe(0);
    expect((await old.get('a'))?.string()).toBe('kept');
  });

  it('is made by several at once, as by one', async () => {
    await Promise.all([install(), install(), install()]);
    expect(await install()).toEqual([]);
  });
});
