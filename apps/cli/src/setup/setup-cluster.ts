import { numbered } from '../nats/nats-cluster.js';
import { copiesOn } from '../nats/nats-servers.js';
import { hasOpenssl } from '../nats/route-certificates.js';
import type { DeploymentCluster } from '../stack/deployment.js';
import { exitCodes, Trouble } from '../ending/trouble.js';

/** The options of `setup` that are about several servers. */
export interface ClusterOptions {
  readonly natsListen: string;
  readonly nats?: string;
  readonly servers?: number;
  readonly hosts?: string;
  readonly routeTlsCa?: string;
  readonly routeTlsCert?: string;
  readonly routeTlsKey?: string;
}

const ROUTE_PORT = 6_222;
const ONE_SERVER = 'nats://nats:4222';

/**
 * Undefined for one server.
 *
 * @throws Trouble when the options do not fit each other
 */
export async function clusterOf(options: ClusterOptions): Promise<DeploymentCluster | undefined> {
  const { servers = 1, hosts: named } = options;
  if (servers === 1) {
    if (named === undefined) return undefined;
    throw usage('--hosts is for several servers.', 'Add --servers 3.');
  }
  const byDefault = Array.from({ length: servers }, (_, index) => numbered('nats', index));
  const hosts = named?.split(',').map((host) => host.trim()) ?? byDefault;
  if (hosts.length !== servers || new Set(hosts).size !== servers || hosts.includes('')) {
    throw usage(`--hosts must name ${servers} hosts, each another one.`);
  }
  return { hosts, routePort: ROUTE_PORT, tls: await tlsOf(options) };
}

/** Where services find NATS. */
export function urlsOf(
  { nats, natsListen }: ClusterOptions,
  cluster: DeploymentCluster | undefined,
): string {
  if (nats !== undefined) return nats;
  if (cluster === undefined) return ONE_SERVER;
  const port = natsListen.slice(natsListen.lastIndexOf(':') + 1);
  return cluster.hosts.map((host) => `nats://${host}:${port}`).join(',');
}

/** What is left to do, in lines. */
export function copiesAdvice({ hosts, tls }: DeploymentCluster): string[] {
  const copies = `start the services with NATS_REPLICAS=${copiesOn(hosts.length)}: it counts while nothing is there yet`;
  if (tls !== undefined) return [copies];
  const open =
    'routes between the servers are NOT encrypted, for there is no openssl here to make certificates: ' +
    'install it and say this again, or name --route-tls-ca, --route-tls-cert and --route-tls-key';
  return [copies, open];
}

async function tlsOf(options: ClusterOptions): Promise<DeploymentCluster['tls']> {
  const { routeTlsCa: caFile, routeTlsCert: certFile, routeTlsKey: keyFile } = options;
  if (caFile !== undefined && certFile !== undefined && keyFile !== undefined) {
    return { caFile, certFile, keyFile };
  }
  if (caFile !== undefined || certFile !== undefined || keyFile !== undefined) {
    throw usage('--route-tls-ca, --route-tls-cert and --route-tls-key belong together.');
  }
  return (await hasOpenssl()) ? 'made' : undefined;
}

function usage(message: string, next?: string): Trouble {
  return new Trouble(message, { exitCode: exitCodes.usage, next });
}
