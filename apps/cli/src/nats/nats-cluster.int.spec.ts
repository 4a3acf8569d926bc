import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret, silentLogger } from '@skynet/platform';
import { connectNats, ensureStreams } from '@skynet/platform/nats';
import { listCopies } from '@skynet/platform/operations';
import { eventually } from '@skynet/testing';
import { readCliConfig } from '../command/cli.config.js';
import { findNatsServer } from '../stack/nats-server.js';
import { choosePorts, LOOPBACK } from '../stack/ports.js';
import { ProcessGuard } from '../stack/process-guard.js';
import { systemKeyFile, writeClusterConfigs, type ClusterServer } from './nats-cluster.js';
import { natsKeyFile } from './nats-config.js';
import { hasOpenssl, makeRouteCertificates } from './route-certificates.js';

const LIMIT_MS = 60_000;
const ONE_EACH = { edges: 1, runtimes: 1, schedulers: 1, servers: 3 };

let folder: string;
let guard: ProcessGuard;
const running: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
  guard = new ProcessGuard();
});
afterEach(async () => {
  for (const child of running.splice(0)) {
    const ended = once(child, 'exit');
    if (child.kill('SIGKILL')) await ended;
  }
  guard.close();
  await rm(folder, { recursive: true });
});

const secrets = () => join(folder, 'secrets');

async function planned(): Promise<ClusterServer[]> {
  const { nats, otherNats = [], routes = [] } = await choosePorts('free', ONE_EACH);
  const servers: ClusterServer[] = [];
  for (const [index, port] of [nats, ...otherNats].entries()) {
    const name = `nats${index + 1}`;
    const own = join(folder, name);
    const route = `${LOOPBACK}:${routes[index]}`;
    const addresses = { listen: `${LOOPBACK}:${port}`, route, routeListen: route };
    const file = join(own, 'nats-server.conf');
    const tls = (await hasOpenssl())
      ? await makeRouteCertificates(secrets(), own, LOOPBACK)
      : undefined;
    servers.push({ name, file, ...addresses, storeFolder: join(own, 'store'), tls });
  }
  return servers;
}

const write = (servers: readonly ClusterServer[]) =>
  writeClusterConfigs(
    servers,
    { secrets: secrets(), keyFileOf: (user) => natsKeyFile(folder, user) },
    false,
  );

/** Resolves with what the server says, as it grows. */
async function start({ file }: ClusterServer): Promise<{ said: string }> {
  const program = (await findNatsServer(readCliConfig())).file;
  const child = spawn(program, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const log = { said: '' };
  child.stderr.on('data', (chunk: Buffer) => (log.said += chunk.toString()));
  if (child.pid !== undefined) guard.watch(child.pid);
  running.push(child);
  return log;
}

async function connect(servers: readonly ClusterServer[], keyFile: string, name: string) {
  const url = servers.map(({ listen }) => `nats://${listen}`).join(',');
  const nkeySeed = new Secret((await readFile(keyFile, 'utf8')).trim());
  return connectNats({ url, nkeySeed, name, log: silentLogger });
}

const connectAsOperator = (...servers: readonly ClusterServer[]) =>
  connect(servers, natsKeyFile(folder, 'operator'), 'operator');

describe('the servers of a cluster as they are configured', () => {
  it(
    'keep three copies, each in a zone of its own, and obey who holds the key to the servers',
    async () => {
      const servers = await planned();
      await write(servers);
      for (const server of servers) await start(server);
      const link = await connectAsOperator(...servers);
      await ensureStreams(link.connection, { replicas: 3 });
      await eventually(async () => {
        const copies = await listCopies(link);
        expect(copies.map(({ isCurrent, followers }) => [isCurrent, followers.length])).toEqual(
          copies.map(() => [true, 2]),
        );
      }, LIMIT_MS / 2);

      const system = await connect(servers, systemKeyFile(secrets()), 'system');
      const answer = await system.connection.request('$JS.API.META.LEADER.STEPDOWN');
      expect(answer.json()).toMatchObject({ success: true });
      await system.close();
      await link.close();
    },
    LIMIT_MS,
  );

  it(
    'do not take in a server that does not know the password of the routes',
    async () => {
      const servers = await planned();
      await write(servers);
      const [first, second, stranger] = servers as [ClusterServer, ClusterServer, ClusterServer];
      const { log, link } = { log: await start(first), link: await connectAsOperator(first) };
      await start(second);
      const known = () => link.connection.info?.connect_urls?.toSorted();
      const members = [first.listen, second.listen].toSorted();
      await eventually(() => expect(known()).toEqual(members), LIMIT_MS / 2);
      await rm(join(secrets(), 'routes.secret'));
      await write(servers);
      await start(stranger);
      await eventually(() => expect(log.said).toContain('authentication error'), LIMIT_MS / 2);
      expect(known()).toEqual(members);
      await link.close();
    },
    LIMIT_MS,
  );
});
