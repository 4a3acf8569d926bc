import { join } from 'node:path';
import type { NatsUser, RouteCertificates } from '@skynet/platform/operations';
import { publicKeyOf, secretIn, writeNatsConfig } from './nats-config.js';

/** One of several servers. */
export interface ClusterServer {
  /** Its own in the cluster, and the same for ever. */
  readonly name: string;
  /** Where its configuration is written. */
  readonly file: string;
  /** `host:port` for clients. */
  readonly listen: string;
  /** `host:port` where it takes the other servers. */
  readonly routeListen: string;
  /** `host:port` where the other servers find it. */
  readonly route: string;
  /** `host:port` of health checks. Default: none. */
  readonly monitor?: string;
  readonly storeFolder: string;
  readonly tls?: RouteCertificates;
}

export interface ClusterKeys {
  /** Folder of what only the operator and the servers know. */
  readonly secrets: string;
  readonly keyFileOf: (user: NatsUser) => string;
}

/** Seed of who may look at and steer the servers. */
export function systemKeyFile(secrets: string): string {
  return join(secrets, 'system.nk');
}

/** Name of a server, or of a replica, by its place. */
export function numbered(name: string, index: number): string {
  return index === 0 ? name : `${name}${index + 1}`;
}

/** Writes the configurations of the servers of one cluster, and keys that are not there yet. Safe to repeat. */
export async function writeClusterConfigs(
  servers: readonly ClusterServer[],
  { secrets, keyFileOf }: ClusterKeys,
  syncAlways: boolean,
): Promise<void> {
  const systemUser = await publicKeyOf(systemKeyFile(secrets));
  const routePassword = await secretIn(join(secrets, 'routes.secret'));
  const routes = servers.map(({ route }) => route);
  for (const [index, server] of servers.entries()) {
    const { name, file, listen, routeListen, monitor, storeFolder, tls } = server;
    const own = { serverName: name, listen: routeListen, zone: String(index + 1), tls };
    const cluster = { ...own, routes, routePassword, systemUser };
    await writeNatsConfig(file, keyFileOf, { listen, monitor, storeFolder, syncAlways, cluster });
  }
}
