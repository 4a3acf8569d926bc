import { RetentionPolicy, type JetStreamManager } from '@nats-io/jetstream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  eventually,
  recordingLogger,
  startNatsCluster,
  type NatsCluster,
  type NatsClusterMember,
} from '@skynet/testing';
import { silentLogger as log } from '../../runtime/logger.js';
import { WorldError } from '../../runtime/world-error.js';
import { ensureStream, streamManager } from '../jetstream/jetstream-streams.js';
import { LeanPublisher } from './lean-publisher.js';
import { connectNats } from './nats-connection.js';
import type { NatsLink } from './nats-link.js';

const LIMIT_MS = 60_000;

let cluster: NatsCluster;
let manager: JetStreamManager;
let link: NatsLink;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  cluster = await startNatsCluster();
  link = await connectNats({ url: cluster.url, name: 'test', log });
  manager = await streamManager(link.connection);
  const settings = { name: 'CMD', subjects: ['cmd.>'], retention: RetentionPolicy.Limits };
  await ensureStream(manager, settings, 3);
  await ensureStream(manager, { name: 'HEALTH', subjects: ['health.>'] }, 3);
}, LIMIT_MS);

afterEach(async () => {
  for (const member of cluster.members) member.resume();
  for (const close of closing.splice(0).reverse()) await close();
}, LIMIT_MS);

afterAll(async () => {
  await link.close();
  await cluster.stop();
}, LIMIT_MS);

/** The server that leads the stream now; waits for one, for a server that comes back may bring on an election. */
async function leader(): Promise<NatsClusterMember> {
  const found: NatsClusterMember[] = [];
  await eventually(async () => {
    const info = await manager.streams.info('CMD');
    found.push(...cluster.members.filter(({ name }) => name === info.cluster?.leader));
    expect(found).toHaveLength(1);
  }, LIMIT_MS / 2);
  return found[0] as NatsClusterMember;
}

const others = (than: NatsClusterMember) => cluster.members.filter((member) => member !== than);

/** At this server, and told of the others, whatever servers tell of each other just now. */
async function connectTo(member: NatsClusterMember, logger = log): Promise<NatsLink> {
  for (;;) {
    const own = await connectNats({ url: cluster.url, name: 'test', log: logger });
    if (own.connection.getServer() === new URL(member.url).host) {
      closing.push(() => own.close());
      return own;
    }
    await own.close();
  }
}

/**
 * Also a new server may be left while its cluster elects, and a message may have gone to a leader that hangs: a publish says
 * so, and is made again.
 */
async function publishOn(
  own: NatsLink,
  { ackTimeoutMs, unknown }: { readonly ackTimeoutMs: number; readonly unknown: RegExp },
): Promise<unknown> {
  const publisher = new LeanPublisher(own, { ackTimeoutMs });
  closing.push(() => publisher.close());
  for (;;) {
    await eventually(() => expect(own.isConnected()).toBe(true), LIMIT_MS / 2);
    const outcome: unknown = await publisher.publish('cmd.a', 'x').catch((error: unknown) => error);
    if (!(outcome instanceof WorldError)) return outcome;
    expect(outcome.message).toMatch(unknown);
  }
}

describe('a publish while the stream has no leader', () => {
  it(
    'waits for the next one, within the time of its ack',
    async () => {
      const old = await leader();
      const [witness] = others(old);
      const own = await connectTo(witness ?? old);
      await old.kill();
      const waiting = publishOn(own, { ackTimeoutMs: 20_000, unknown: /connection lost$/ });
      await expect(waiting).resolves.toMatchObject({ duplicate: false });
      await old.restart();
      await cluster.healthy();
    },
    LIMIT_MS,
  );
});

describe('a process whose server hangs', () => {
  it(
    'leaves it for another one, and publishes there',
    async () => {
      const [hung] = cluster.members;
      if (hung === undefined) throw new Error('no servers');
      const own = await connectTo(hung);
      await hung.pause();
      await eventually(
        () => expect(own.connection.getServer()).not.toBe(new URL(hung.url).host),
        LIMIT_MS / 2,
      );
      const made = publishOn(own, { ackTimeoutMs: 5_000, unknown: /connection lost$|no ack in/ });
      await expect(made).resolves.toMatchObject({ duplicate: false });
      hung.resume();
      await cluster.healthy();
    },
    LIMIT_MS,
  );
});

describe('a process whose server has lost its cluster', () => {
  it(
    'leaves it for one that reaches JetStream, and says so',
    async () => {
      // The worst case: a leader without the others still answers questions.
      const lone = await leader();
      const rest = others(lone);
      const { log: logger, lines } = recordingLogger();
      const own = await connectTo(lone, logger);
      // Two of three hang: nobody has a majority, and this server still takes clients.
      for (const member of rest) await member.pause();
      await eventually(
        () => expect(lines.map(({ message }) => message)).toContain(MOVING),
        LIMIT_MS / 2,
      );
      for (const member of rest) member.resume();
      await eventually(() => expect(own.isConnected()).toBe(true), LIMIT_MS / 2);
      await cluster.healthy();
    },
    LIMIT_MS,
  );
});

const MOVING = 'this NATS server does not reach JetStream, moving to another one';

describe('a process that starts while the cluster has no leader', () => {
  it(
    'waits for one instead of taking it for a server without JetStream',
    async () => {
      const [first, ...rest] = cluster.members;
      if (first === undefined) throw new Error('no servers');
      await Promise.all(cluster.members.map((member) => member.kill()));
      await first.restart();
      const starting = connectTo(first).then(async (own) => {
        const found = await streamManager(own.connection);
        await ensureStream(found, { name: 'CMD', subjects: ['cmd.>'] });
      });
      await Promise.all(rest.map((member) => member.restart()));
      await expect(starting).resolves.toBeUndefined();
    },
    LIMIT_MS,
  );
});
