import { clusterLines, zoneRule, type NatsClusterSettings } from './nats-cluster-config.js';
import { inboxPrefixOf } from '../messaging/nats/inbox-prefix.js';
import { permissionsOf, type NatsUser } from './service-permissions.js';

export interface NatsServerSettings {
  /** `host:port` */
  readonly listen: string;
  /** Folder of everything that JetStream keeps. */
  readonly storeFolder: string;
  /** Public keys of the users; nobody else may connect. */
  readonly users: Readonly<Record<NatsUser, string>>;
  /** `host:port` of the monitoring endpoint. Default: none. */
  readonly monitor?: string;
  /** Most bytes that JetStream may keep; must be below the size of the disk. Default: the server's. */
  readonly maxFileBytes?: number;
  /**
   * Syncs every append to disk before it is acknowledged. Needs nats-server 2.12.15 or 2.14.5; one before 2.10 refuses
   * to start with it. Default: false, then an acknowledged append survives the crash of the server but not of the machine.
   */
  readonly syncAlways?: boolean;
  /** Makes it one of several. Default: it is alone. */
  readonly cluster?: NatsClusterSettings;
}

/** The text of a nats-server.conf in which every service is a user of its own with the least that it needs. */
export function natsServerConfig(settings: NatsServerSettings): string {
  const { listen, monitor, storeFolder, users, maxFileBytes, syncAlways = false } = settings;
  const { cluster } = settings;
  const jetstream = [
    `store_dir: ${quoted(storeFolder)}`,
    ...(maxFileBytes === undefined ? [] : [`max_file_store: ${maxFileBytes}`]),
    ...(syncAlways ? ['sync_interval: always'] : []),
    ...(cluster === undefined ? [] : [zoneRule]),
  ];
  return [
    `server_name: ${cluster === undefined ? 'skynet' : JSON.stringify(cluster.serverName)}`,
    `listen: ${quoted(listen)}`,
    ...(monitor === undefined ? [] : [`http: ${quoted(monitor)}`]),
    `jetstream { ${jetstream.join(', ')} }`,
    ...(cluster === undefined ? [] : clusterLines(cluster)),
    natsAuthorization(users),
  ].join('\n');
}

/** The block of a nats-server.conf that says who may connect and do what. */
export function natsAuthorization(users: NatsServerSettings['users']): string {
  const blocks = Object.entries(users).map(([user, key]) => userBlock(user as NatsUser, key));
  return `authorization {\n  users: [\n    ${blocks.join('\n    ')}\n  ]\n}\n`;
}

function userBlock(user: NatsUser, publicKey: string): string {
  const { publish, subscribe } = permissionsOf(user);
  const permissions = `{ publish: ${listed(publish)}, subscribe: ${listed(subscribe)} }`;
  // The name of a user by key can't be set, so it is told by its inbox.
  return `{ nkey: ${publicKey}, permissions: ${permissions} } # ${inboxPrefixOf(user)}`;
}

function listed(patterns: readonly string[]): string {
  return `[${patterns.map(quoted).join(', ')}]`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
