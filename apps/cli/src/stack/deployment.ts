import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { NatsUser, RouteCertificates } from '@skynet/platform/operations';
import { writeConnection } from '../connection/connection-file.js';
import { wordsOfProgram } from '../ending/words-of-program.js';
import { makeFolder } from '../files/make-folder.js';
import { Trouble } from '../ending/trouble.js';
import { numbered, writeClusterConfigs, type ClusterServer } from '../nats/nats-cluster.js';
import { writeNatsConfig } from '../nats/nats-config.js';
import { makeRouteCertificates } from '../nats/route-certificates.js';
import { writeRedisSecret } from './redis-secret.js';
import { serviceProgram } from './repository.js';

/** How the parts of a deployment reach each other. */
export interface DeploymentAddresses {
  /** Where nats-server listens, `host:port`. */
  readonly natsListen: string;
  /** Where it answers health checks, `host:port`. */
  readonly natsMonitor: string;
  /** Where it keeps everything, as it sees its own files. */
  readonly natsStore: string;
  readonly nats: string;
  readonly mcp: string;
  readonly edgeHealth: string;
  readonly auth: string;
}

/** The servers of a cluster, each on a machine of its own. */
export interface DeploymentCluster {
  readonly hosts: readonly string[];
  /** Port of the routes between them. */
  readonly routePort: number;
  /** Files that each server has at these places; `'made'` makes them; absent: routes are not encrypted. */
  readonly tls?: RouteCertificates | 'made';
}

export interface DeploymentOptions extends DeploymentAddresses {
  /** Syncs every append to disk; needs nats-server 2.12.15 or 2.14.5. */
  readonly syncAlways: boolean;
  /** Writes the registry of the runtime into this folder. Default: nothing is written for it. */
  readonly writeRegistry?: (folder: string) => Promise<unknown>;
  /** Where services reach Redis, `host:port`. Default: nothing is written for it. */
  readonly redis?: string;
  /** Default: one server. */
  readonly cluster?: DeploymentCluster;
}

/**
 * Writes what the parts of a deployment must be given: below `folder` one folder for each, to be handed to that part
 * alone. Keys and secrets that are there stay. Safe to repeat.
 */
export async function prepareDeployment(folder: string, options: DeploymentOptions): Promise<void> {
  const { natsListen, natsMonitor, natsStore, syncAlways, writeRegistry, cluster, redis } = options;
  const keyFileOf = (user: NatsUser) => join(folder, user, 'nats.nk');
  if (cluster === undefined) {
    const own = { listen: natsListen, monitor: natsMonitor, storeFolder: natsStore, syncAlways };
    await writeNatsConfig(join(folder, 'nats', 'nats-server.conf'), keyFileOf, own);
  } else {
    const secrets = clusterSecrets(folder);
    const servers = await clusterServers(folder, cluster, options);
    await writeClusterConfigs(servers, { secrets, keyFileOf }, syncAlways);
  }
  await makeOperator(folder, options);
  if (redis !== undefined)
    await writeRedisSecret(folder, { address: redis, parts: [...services, 'operator'] });
  await writeRegistry?.(join(folder, 'agent-runtime'));
}

const services: readonly NatsUser[] = ['mcp-edge', 'agent-runtime', 'scheduler', 'auth'];

/** What only the operator holds: the key to the servers themselves, and what their routes rest on. */
function clusterSecrets(folder: string): string {
  return join(folder, 'operator', 'cluster');
}

async function clusterServers(
  folder: string,
  { hosts, routePort, tls }: DeploymentCluster,
  { natsListen, natsMonitor, natsStore }: DeploymentAddresses,
): Promise<ClusterServer[]> {
  const address = natsListen.slice(0, natsListen.lastIndexOf(':'));
  const servers: ClusterServer[] = [];
  for (const [index, host] of hosts.entries()) {
    const name = numbered('nats', index);
    const own = join(folder, name);
    servers.push({
      name,
      file: join(own, 'nats-server.conf'),
      listen: natsListen,
      monitor: natsMonitor,
      storeFolder: natsStore,
      routeListen: `${address}:${routePort}`,
      route: `${host}:${routePort}`,
      tls: tls === 'made' ? await makeRouteCertificates(clusterSecrets(folder), own, host) : tls,
    });
  }
  return servers;
}

/** The operator's tools find their way with a data folder like that of `up`, here without data. */
async function makeOperator(
  folder: string,
  { nats, mcp, edgeHealth: health, auth: issuer }: DeploymentAddresses,
): Promise<void> {
  const dataDir = join(folder, 'operator');
  const clients = join(folder, 'auth', 'clients.json');
  await makeFolder(join(dataDir, 'auth'));
  await makeFolder(join(folder, 'auth'));
  const program = serviceProgram('auth', 'make-local-client.js');
  const args = [program, '--data', join(dataDir, 'auth'), '--clients', clients];
  try {
    await promisify(execFile)(process.execPath, args);
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw new Trouble(`The operator's client could not be made: ${wordsOfProgram(stderr)}`, {
      cause: error,
    });
  }
  const natsKeyFile = join(dataDir, 'nats.nk');
  const token = { token: '', tokenExpiresAt: new Date(0).toISOString() };
  await writeConnection({
    mcp,
    edges: [mcp],
    health,
    issuer,
    nats,
    natsKeyFile,
    dataDir,
    ...token,
  });
}
