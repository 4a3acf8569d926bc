import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startNatsCluster, startNatsServer, type NatsCluster } from '@skynet/testing';
import { silentLogger as log } from '../../runtime/logger.js';
import { connectNats } from '../nats/nats-connection.js';
import type { NatsLink } from '../nats/nats-link.js';
import { changeCopies, listCopies, type CopiesReport } from './copies-change.js';
import { ensureStreams, streamManager } from './jetstream-streams.js';
import { openBucket } from './kv-buckets.js';

const LIMIT_MS = 60_000;
const NAMES = ['CMD', 'AUDIT', 'DEAD', 'HEALTH', 'KV_rows', 'RUN'];

let cluster: NatsCluster;
let link: NatsLink;

beforeAll(async () => {
  cluster = await startNatsCluster();
  link = await connectNats({ url: cluster.url, name: 'test', log });
  await ensureStreams(link.connection);
  await openBucket(link, 'rows', { history: 1 });
}, LIMIT_MS);
afterAll(async () => {
  for (const member of cluster.members) member.resume();
  await link.close();
  await cluster.stop();
}, LIMIT_MS);

async function moveAll(copies: number) {
  for (const name of NAMES) await changeCopies(link, name, copies);
  return listCopies(link);
}

describe('the copies of a system', () => {
  it.each([3, 3, 1])(
    'are moved to %s, buckets too, and are current then; a repeat changes nothing',
    async (copies) => {
      const reports = await moveAll(copies);
      expect(reports.map(({ name }) => name)).toEqual(NAMES);
      for (const report of reports) {
        expect(report).toMatchObject({ copies, isCurrent: true, behind: [] });
        expect(report.followers).toHaveLength(copies - 1);
      }
    },
    LIMIT_MS,
  );

  it('are refused over the number of servers, and stay', async () => {
    const before = await listCopies(link);
    const refused = changeCopies(link, 'CMD', 5);
    await expect(refused).rejects.toMatchObject({ name: 'WorldError', retry: 'never' });
    await expect(refused).rejects.toThrow('finds no 5 servers');
    expect(await listCopies(link)).toEqual(before);
  });

  it(
    'are waited for while the server of one of them hangs',
    async () => {
      const { leader } = await changeCopies(link, 'CMD', 1);
      const asked = link.connection.getServer();
      const slow = cluster.members.find(
        ({ name, url }) => name !== leader && new URL(url).host !== asked,
      );
      if (slow === undefined) throw new Error('no other server');
      await slow.pause();
      const waiting = Promise.withResolvers<void>();
      const onWaiting = ({ behind }: CopiesReport) => {
        if (behind.includes(slow.name)) waiting.resolve();
      };
      const change = changeCopies(link, 'CMD', 3, { onWaiting });
      await Promise.race([change, waiting.promise]);
      slow.resume();
      expect(await change).toMatchObject({ copies: 3, isCurrent: true });
      await expect(waiting.promise).resolves.toBeUndefined();
    },
    LIMIT_MS,
  );
});

describe('the copies of a system with one server', () => {
  it('are one, and more are refused, whatever the server would say', async () => {
    const server = await startNatsServer();
    const own = await connectNats({ url: server.url, name: 'test', log });
    await ensureStreams(own.connection);
    await expect(changeCopies(own, 'CMD', 3)).rejects.toThrow('one server keeps one copy, not 3');
    await expect(changeCopies(own, 'CMD', 1)).resolves.toMatchObject({ isCurrent: true });
    const { config } = await (await streamManager(own.connection)).streams.info('CMD');
    expect(config.num_replicas).toBe(1);
    await own.close();
    await server.stop();
  });
});
