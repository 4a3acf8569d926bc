/** One server of a cluster, as the others and its operator know it. */
export interface NatsClusterSettings {
  /** Its own in the cluster. JetStream knows the copies of a server by it: who replaces a server takes its name. */
  readonly serverName: string;
  /** `host:port` where the other servers connect. */
  readonly listen: string;
  /** `host:port` of all servers of the cluster; that of this one may be among them. */
  readonly routes: readonly string[];
  /** What servers show each other. */
  readonly routePassword: string;
  /** No two copies of a stream are in one zone. */
  readonly zone: string;
  /** Public key of who may look at and steer the servers, in an account without any of our data. */
  readonly systemUser: string;
  /** Files of certificates, as the server sees them; servers show them to each other. Default: routes are not encrypted. */
  readonly tls?: RouteCertificates;
}

/** Paths of PEM files. */
export interface RouteCertificates {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

const CLUSTER = 'skynet';
const ROUTE_USER = 'route';
const ZONE_TAG = 'az:';

/** What stands in the block of JetStream. */
export const zoneRule = `unique_tag: ${JSON.stringify(ZONE_TAG)}`;

/** The lines that make a server one of a cluster. */
export function clusterLines(settings: NatsClusterSettings): string[] {
  const { listen, routes, routePassword, zone, systemUser, tls } = settings;
  const credentials = `${ROUTE_USER}:${encodeURIComponent(routePassword)}`;
  const urls = routes.map((route) => quoted(`nats-route://${credentials}@${route}`));
  const user = `user: ${ROUTE_USER}, password: ${quoted(routePassword)}, timeout: 5`;
  return [
    `server_tags: [${quoted(`${ZONE_TAG}${zone}`)}]`,
    'cluster {',
    `  name: ${CLUSTER}`,
    `  listen: ${quoted(listen)}`,
    `  authorization { ${user} }`,
    ...(tls === undefined ? [] : [`  ${tlsBlock(tls)}`]),
    `  routes: [${urls.join(', ')}]`,
    '}',
    `accounts { SYS { users: [{ nkey: ${systemUser} }] } }`,
    'system_account: SYS',
  ];
}

function tlsBlock({ caFile, certFile, keyFile }: RouteCertificates): string {
  const files = `ca_file: ${quoted(caFile)}, cert_file: ${quoted(certFile)}, key_file: ${quoted(keyFile)}`;
  return `tls { ${files}, verify: true, timeout: 5 }`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
