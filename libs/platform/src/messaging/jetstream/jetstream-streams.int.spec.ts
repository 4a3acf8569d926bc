import { RetentionPolicy, StorageType, type JetStreamManager } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startNatsServer, type NatsServer } from '@skynet/testing';
import { silentLogger as log } from '../../runtime/logger.js';
import { connectNats } from '../nats/nats-connection.js';
import type { NatsLink } from '../nats/nats-link.js';
import { ensureStream, ensureStreams, streamManager } from './jetstream-streams.js';

let server: NatsServer;
let link: NatsLink;
let manager: JetStreamManager;
const MIB = 1024 * 1024;

beforeAll(async () => {
  server = await startNatsServer();
  link = await connectNats({ url: server.url, name: 'test', log });
  manager = await streamManager(link.connection);
});
afterAll(async () => {
  await link.close();
  await server.stop();
});

describe('the streams that services talk through', () => {
  it('are made once, however many processes start at a time', async () => {
    await Promise.all([1, 2, 3].map(() => ensureStreams(link.connection)));
    await ensureStreams(link.connection);
    const configOf = async (name: string) => (await manager.streams.info(name)).config;
    const work = {
      retention: RetentionPolicy.Workqueue,
      discard: 'new',
      max_bytes: 256 * MIB,
      max_age: nanos(3_600_000),
      storage: StorageType.File,
    };
    expect(await configOf('CMD')).toMatchObject({ ...work, subjects: ['cmd.>'] });
    expect(await configOf('RUN')).toMatchObject({
      ...work,
      subjects: ['run.>'],
      duplicate_window: nanos(120_000),
    });
    expect(await configOf('DEAD')).toMatchObject({
      subjects: ['dead.>'],
      retention: RetentionPolicy.Limits,
      discard: 'old',
      max_bytes: 64 * MIB,
      storage: StorageType.File,
    });
  });

  it('get the settings of today when they were made with others', async () => {
    await manager.streams.update('CMD', { max_bytes: MIB });
    await ensureStreams(link.connection);
    expect((await manager.streams.info('CMD')).config.max_bytes).toBe(256 * MIB);
  });

  it('are never replaced when a setting can not be changed', async () => {
    await manager.streams.add({ name: 'FIXED', subjects: ['fixed'] });
    const changed = ensureStream(manager, {
      name: 'FIXED',
      subjects: ['fixed'],
      storage: StorageType.Memory,
    });
    await expect(changed).rejects.toMatchObject({ name: 'WorldError', retry: 'never' });
    await expect(changed).rejects.toThrow('stream FIXED');
  });
});

describe('a stream that an older nats-server has damaged', () => {
  it.each([
    ['its last sequence', { first_seq: 1, last_seq: 2 ** 62 }],
    ['its first sequence', { first_seq: 2 ** 62, last_seq: 29 }],
  ])('is not used, and the way out is named: %s', async (_sign, state) => {
    const config = { name: 'CMD', subjects: ['cmd.>'] };
    const info = () => Promise.resolve({ config, state });
    const damaged = { streams: { info } } as unknown as JetStreamManager;
    const setUp = ensureStream(damaged, config);
    await expect(setUp).rejects.toMatchObject({ name: 'WorldError', retry: 'never' });
    await expect(setUp).rejects.toThrow('skynet log doctor --repair');
  });
});
