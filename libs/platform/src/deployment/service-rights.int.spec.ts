import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allBuckets, streams } from '@skynet/contracts';
import { startKeyedNatsServer, type KeyedNatsServer } from '@skynet/testing';
import { installStores } from '../nest/install-stores.js';
import { silentLogger as log } from '../runtime/logger.js';
import { NatsKvStateStores } from '../state/nats-kv-state-stores.adapter.js';
import { subjectMatches } from '../messaging/subject-match.js';
import { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import { natsUsers, permissionsOf, type NatsUser } from './service-permissions.js';

let server: KeyedNatsServer;
const services = natsUsers.filter((user) => user !== 'operator');

/** Of what the user publishes, what the server lets through. */
async function passed(user: NatsUser, subjects: readonly string[]): Promise<readonly string[]> {
  const refused = await server.refusals(user, subjects);
  return subjects.filter((subject) => !refused.some((text) => text.includes(`"${subject}"`)));
}

beforeAll(async () => {
  server = await startKeyedNatsServer();
  await installStores(server.settings);
});
afterAll(() => server.stop());

describe('a right that others have', () => {
  const held = services.map((user) => permissionsOf(user));
  const sampleOf = (pattern: string) => pattern.replaceAll(/[*>]/g, 'x');
  const samplesOf = (kind: 'publish' | 'subscribe') =>
    [...new Set(held.flatMap((rights) => rights[kind]))].map(sampleOf);
  const lacking = (user: NatsUser, kind: 'publish' | 'subscribe') =>
    samplesOf(kind).filter(
      (subject) => !permissionsOf(user)[kind].some((own) => subjectMatches(own, subject)),
    );

  it.each(services)('is none of %s: what it may not publish is refused, each', async (user) => {
    const subjects = lacking(user, 'publish');
    expect(subjects.length).toBeGreaterThan(50);
    expect(await passed(user, subjects)).toEqual([]);
  });

  it.each(services)('is none of %s: what it may not hear is refused, each', async (user) => {
    const { connection } = await server.connectAs(user);
    const subjects = lacking(user, 'subscribe');
    expect(subjects.length).toBeGreaterThan(3);
    for (const subject of subjects) {
      const heard = await connection.subscribe(subject).closed;
      expect([subject, heard]).toEqual([
        subject,
        expect.objectContaining({ message: expect.stringContaining('ermissions') }),
      ]);
    }
  });
});

describe('streams and buckets', () => {
  const names = [
    ...Object.values(streams),
    ...allBuckets.map(({ bucket }) => `KV_${bucket}`),
    'NEW',
    'KV_new',
  ];
  const rights = ['CREATE', 'UPDATE', 'DELETE', 'PURGE', 'MSG.DELETE', 'SNAPSHOT', 'RESTORE'];
  const all = rights.flatMap((right) => names.map((name) => `$JS.API.STREAM.${right}.${name}`));
  const allowed: Partial<Record<NatsUser, string[]>> = {
    // What is recorded is taken out by the one who records it.
    auth: ['$JS.API.STREAM.PURGE.AUDIT'],
    // Ended trees.
    'agent-runtime': ['$JS.API.STREAM.PURGE.LOG'],
  };

  it.each(services)('are not for %s to make, change or empty', async (user) => {
    expect(await passed(user, all)).toEqual(allowed[user] ?? []);
  });

  it('are waited for by services until the operator has made them', async () => {
    const { connection } = await server.connectAs('operator');
    await (await jetstreamManager(connection)).streams.delete('KV_schedule');
    const link = await server.connectAs('scheduler');
    const stores = new NatsKvStateStores(link, new LeanPublisher(link), { log });
    let isThere = false;
    const opening = stores.open<string>('schedule').then((store) => {
      isThere = true;
      return store;
    });
    await link.roundTrip();
    expect(isThere).toBe(false);
    expect(await installStores(server.settings)).toEqual(['KV_schedule']);
    await (await opening).put('a', 'kept');
  });
});
