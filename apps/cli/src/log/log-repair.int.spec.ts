import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { subjects } from '@skynet/contracts';
import { silentLogger as log } from '@skynet/platform';
import {
  connectNats,
  ensureStreams,
  LeanPublisher,
  NatsKvStateStores,
  type NatsLink,
} from '@skynet/platform/nats';
import { listStreams } from '@skynet/platform/operations';
import { startNatsServer, type NatsServer } from '@skynet/testing';
import { repair } from './log-repair.js';

let server: NatsServer;
let link: NatsLink;
let publisher: LeanPublisher;

beforeEach(async () => {
  server = await startNatsServer();
  link = await connectNats({ url: server.url, name: 'test', log });
  publisher = new LeanPublisher(link);
  await ensureStreams(link.connection);
  const states = new NatsKvStateStores(link, publisher, { log });
  for (const bucket of ['agents', 'checkpoints', 'leases', 'oidc']) {
    await (await states.open(bucket)).put('key', 'value');
  }
  await states.close();
  await publisher.publish('run.default.x', '{}');
  await publisher.publish('cmd.agents.SpawnAgent', '{}');
  await publisher.publish('dead.x', '{}');
});
afterEach(async () => {
  publisher.close();
  await link.close();
  await server.stop();
});

const messages = async () =>
  Object.fromEntries((await listStreams(link)).map(({ name, messages: count }) => [name, count]));

async function repaired(damaged: readonly string[]) {
  const streams = (await listStreams(link)).map((stream) => ({
    ...stream,
    isDamaged: damaged.includes(stream.name),
  }));
  return repair({ link, replicas: 1 }, { streams });
}

describe('a system whose queues are damaged', () => {
  it('gets them and its rows anew', async () => {
    const { remade } = await repaired(['CMD', 'RUN']);
    expect(remade).toEqual(['CMD', 'KV_agents', 'KV_checkpoints', 'KV_leases', 'RUN']);
    expect(await messages()).toEqual({ AUDIT: 0, CMD: 0, DEAD: 1, HEALTH: 0, KV_oidc: 1, RUN: 0 });
  });

  it('keeps everything when nothing is damaged', async () => {
    const before = await messages();
    expect(await repaired([])).toEqual({ remade: [] });
    expect(await messages()).toEqual(before);
  });

  it.each([subjects.query('agent'), subjects.workerHeartbeat])(
    'is left alone while a service runs that listens to %s',
    async (subject) => {
      const before = await messages();
      link.connection.subscribe(subject, { callback: () => undefined });
      await link.roundTrip();
      await expect(repaired(['RUN'])).rejects.toThrow('Services run on this store');
      expect(await messages()).toEqual(before);
    },
  );
});
