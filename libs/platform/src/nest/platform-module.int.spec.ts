import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  commitOf,
  hasRedisServer,
  newStream,
  startEventStoreDouble,
  startNatsServer,
  startRedisServer,
  type NatsServer,
} from '@skynet/testing';
import type { EventStore } from '../event-store/event-store.port.js';
import { EventStoreDbEventStore } from '../event-store/eventstoredb/eventstoredb-event-store.adapter.js';
import { JetStreamEventStore } from '../event-store/jetstream-event-store.adapter.js';
import { MemoryEventStore } from '../event-store/memory-event-store.adapter.js';
import { eventStoreHealthCheck, natsHealthCheck } from '../health/platform-checks.js';
import type { MessageBus } from '../messaging/message-bus.port.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { FilePayloadStore } from '../payloads/file-payload-store.adapter.js';
import type { PayloadStore } from '../payloads/payload-store.port.js';
import { silentLogger as log } from '../runtime/logger.js';
import { MemoryStateStores } from '../state/memory-state-store.adapter.js';
import { RedisStateStores } from '../state/redis/redis-state-stores.adapter.js';
import type { StateStores } from '../state/state-store.port.js';
import { readPlatformSettings } from './platform.config.js';
import { PlatformModule, type PlatformOptions } from './platform.module.js';
import {
  EVENT_STORE,
  LOGGER,
  MESSAGE_BUS,
  NATS_LINK,
  PAYLOAD_STORE,
  STATE_STORES,
} from './tokens.js';

let server: NatsServer;

function started(options: Partial<PlatformOptions> = {}): Promise<TestingModule> {
  const platform = PlatformModule.forRoot({
    service: 'test',
    settings: readPlatformSettings({ NATS_URL: server.url }),
    log,
    ...options,
  });
  return Test.createTestingModule({ imports: [platform] }).compile();
}

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());

describe('the platform of a service', () => {
  it('gives every port, over one connection that works', async () => {
    const platform = await started();
    const store = platform.get<EventStore>(EVENT_STORE);
    expect(store).toBeInstanceOf(JetStreamEventStore);
    const { revision } = await store.append(newStream(), commitOf(['a']), 'no-stream');
    expect(revision).toBe(0);
    const bucket = await platform.get<StateStores>(STATE_STORES).open<number>('rows');
    await bucket.put('a', 1);
    const payloads = platform.get<PayloadStore>(PAYLOAD_STORE);
    expect(await payloads.get('acme', await payloads.put('acme', 'text'))).toBe('text');
    await platform.get<MessageBus>(MESSAGE_BUS).publish('cmd.agents.SpawnAgent', {});
    await natsHealthCheck(platform.get<NatsLink>(NATS_LINK)).check();
    expect(platform.get(LOGGER)).toBe(log);
    await platform.close();
  });

  it('closes all of it with the service', async () => {
    const platform = await started();
    const store = platform.get<EventStore>(EVENT_STORE);
    const subscription = await store.subscribe({}, () => undefined);
    const link = platform.get<NatsLink>(NATS_LINK);
    await platform.close();
    await expect(subscription.closed).resolves.toBeUndefined();
    await link.closed;
    await expect(natsHealthCheck(link).check()).rejects.toMatchObject({ retry: 'later' });
  });

  it('may keep the log in memory', async () => {
    const platform = await started({
      settings: readPlatformSettings({ NATS_URL: server.url, EVENT_STORE: 'memory' }),
    });
    expect(platform.get(EVENT_STORE)).toBeInstanceOf(MemoryEventStore);
    await platform.close();
  });

  it('may keep all of it elsewhere', async () => {
    const double = await startEventStoreDouble();
    const folder = mkdtempSync(join(tmpdir(), 'skynet-payloads-'));
    const platform = await started({
      settings: readPlatformSettings({
        NATS_URL: server.url,
        EVENT_STORE: 'eventstoredb',
        EVENT_STORE_URL: double.connectionString,
        STATE_STORE: 'memory',
        PAYLOAD_STORE: 'file',
        PAYLOAD_STORE_FOLDER: folder,
      }),
    });
    const store = platform.get<EventStore>(EVENT_STORE);
    expect(store).toBeInstanceOf(EventStoreDbEventStore);
    await store.append(newStream(), commitOf(['a']), 'no-stream');
    expect(platform.get(STATE_STORES)).toBeInstanceOf(MemoryStateStores);
    const payloads = platform.get<PayloadStore>(PAYLOAD_STORE);
    expect(payloads).toBeInstanceOf(FilePayloadStore);
    expect(await payloads.get('acme', await payloads.put('acme', 'text'))).toBe('text');
    const check = eventStoreHealthCheck(store);
    await expect(check.check()).resolves.toBeUndefined();
    await platform.close();
    await expect(check.check()).rejects.toThrow('closed');
    double.stop();
    rmSync(folder, { recursive: true });
  });

  const withRedis = hasRedisServer() ? it : it.skip;
  withRedis('may keep rows in Redis (skipped where there is no redis-server)', async () => {
    const redis = await startRedisServer();
    const platform = await started({
      settings: readPlatformSettings({
        NATS_URL: server.url,
        STATE_STORE: 'redis',
        STATE_STORE_URL: redis.url,
      }),
    });
    const stores = platform.get<StateStores>(STATE_STORES);
    expect(stores).toBeInstanceOf(RedisStateStores);
    await (await stores.open<number>('rows')).put('a', 1);
    await platform.close();
    await redis.stop();
  });
});
