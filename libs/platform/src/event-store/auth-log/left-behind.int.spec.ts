import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { commitOf, newStream, startNatsServer, type NatsServer } from '@skynet/testing';
import { createNkey } from '../../messaging/nats/nkeys.js';
import { LeanPublisher } from '../../messaging/nats/lean-publisher.js';
import { connectNats } from '../../messaging/nats/nats-connection.js';
import type { NatsLink } from '../../messaging/nats/nats-link.js';
import { natsAuthorization } from '../../deployment/nats-server-config.js';
import { natsUsers, type NatsUser } from '../../deployment/service-permissions.js';
import { openOperatorStores } from '../../nest/operator-stores.js';
import { readPlatformSettings } from '../../nest/platform.config.js';
import { silentLogger as log } from '../../runtime/logger.js';
import { createLogger } from '../../telemetry/pino-logger.adapter.js';
import { digestOfLog } from '../copying/log-digest.js';
import { JetStreamEventStore } from '../jetstream-event-store.adapter.js';
import { leftBehind, untilTakenOver } from './left-behind.js';

const keys = Object.fromEntries(natsUsers.map((user) => [user, createNkey()])) as Record<
  NatsUser,
  ReturnType<typeof createNkey>
>;
let server: NatsServer;
const closing: (() => unknown)[] = [];

beforeEach(async () => {
  const users = Object.fromEntries(natsUsers.map((user) => [user, keys[user].publicKey]));
  server = await startNatsServer({
    configuration: natsAuthorization(users as Record<NatsUser, string>),
  });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await server.stop();
});

async function linkOf(user: NatsUser): Promise<NatsLink> {
  const link = await connectNats({ url: server.url, name: user, nkeySeed: keys[user].seed, log });
  closing.push(() => link.close());
  return link;
}

/** The log of both, as the release before has it. */
async function oldLog(): Promise<JetStreamEventStore> {
  const link = await linkOf('operator');
  const publisher = new LeanPublisher(link);
  closing.push(() => publisher.close());
  return JetStreamEventStore.open(link, publisher, { logStream: 'LOG', prefix: 'log', log });
}

const operatorStores = async () => {
  const settings = { NATS_URL: server.url, NATS_NKEY: keys.operator.seed.reveal() };
  const stores = await openOperatorStores(readPlatformSettings(settings));
  closing.push(() => stores.close());
  return stores;
};

describe('an installation of a release before', () => {
  it('keeps auth waiting, and says why, until an operator has taken its users over', async () => {
    const old = await oldLog();
    await old.append('principal-alice', commitOf(['a']), 'no-stream');
    await old.append('principal-alice', commitOf(['b']), 0);
    await old.append(newStream(), commitOf(['x']), 'no-stream');
    const auth = await linkOf('auth');
    const lines: string[] = [];
    const told = createLogger({ level: 'warn', write: (line) => void lines.push(line) });
    await expect(untilTakenOver(auth, told, 0)).rejects.toThrow('skynet log upgrade');
    expect(lines).toHaveLength(1);

    const waiting = untilTakenOver(auth, log);
    const stores = await operatorStores();
    expect(stores.leftBehind).toEqual(['principal-alice']);
    const before = (await digestOfLog(stores.eventStore)).summary();
    expect(await stores.takeOver()).toBe(1);
    await waiting;
    const after = await operatorStores();
    expect(after.leftBehind).toEqual([]);
    expect(await after.takeOver()).toBe(0);
    expect((await digestOfLog(after.eventStore)).summary()).toEqual(before);
  });

  it('has more to take over when its auth goes on beside', async () => {
    const old = await oldLog();
    await old.append('principal-alice', commitOf(['a']), 'no-stream');
    await (await operatorStores()).takeOver();
    await old.append('principal-alice', commitOf(['b']), 0);
    expect([...(await leftBehind(await linkOf('auth')))]).toEqual(['principal-alice']);
    const stores = await operatorStores();
    await stores.takeOver();
    expect(await stores.eventStore.read('principal-alice')).toHaveLength(2);
  });
});

describe('a new installation', () => {
  it('has nothing to wait for, with no log yet and with users of its own', async () => {
    const auth = await linkOf('auth');
    await untilTakenOver(auth, log, 0);
    const stores = await operatorStores();
    await stores.eventStore.append('principal-alice', commitOf(['a']), 'no-stream');
    await stores.eventStore.append(newStream(), commitOf(['x']), 'no-stream');
    await untilTakenOver(auth, log, 0);
    expect(stores.leftBehind).toEqual([]);
  });
});
