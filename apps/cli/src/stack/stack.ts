import { dirname, join } from 'node:path';
import type { NatsUser } from '@skynet/platform/operations';
import type { CliConfig } from '../command/cli.config.js';
import { writeConnection, type StoredConnection } from '../connection/connection-file.js';
import { makeTemporaryFolder, openDataFolder, type DataFolder } from './data-folder.js';
import { makeFirstUser, type FirstLogin } from './first-user.js';
import { fetchToken } from '../connection/local-token.js';
import { makeLocalClient } from './local-client.js';
import { numbered, writeClusterConfigs, type ClusterServer } from '../nats/nats-cluster.js';
import { natsKeyFile, writeNatsConfig } from '../nats/nats-config.js';
import { markNatsVersion } from '../nats/nats-mark.js';
import { freeMib, queueMibFor, watchDisk, type DiskChange } from '../nats/disk-room.js';
import { rememberServers, serversOf } from '../nats/nats-servers.js';
import {
  findNatsServer,
  requireClusterable,
  requireSyncAlways,
  type NatsServer,
} from './nats-server.js';
import {
  choosePorts,
  LOOPBACK,
  type FixedPort,
  type MetricsPorts,
  type Replicas,
  type StackPorts,
} from './ports.js';
import { makeStores } from '../upgrading/make-stores.js';
import { takeOverUsers } from '../upgrading/take-over.js';
import { ProcessGuard } from './process-guard.js';
import { requireBuilt } from './repository.js';
import { planStack, type StackPlan, type StackSettings } from './stack-plan.js';
import { Supervisor, type StackChange } from './supervisor.js';

export interface StackOptions extends Pick<
  StackSettings,
  'slots' | 'maxRunning' | 'maxRunningPerTenant'
> {
  /** A file, or what writes one into the data folder and returns its path, if there is to be one. */
  readonly registry?: string | ((dataFolder: string) => Promise<string | undefined>);
  /** Default: a temporary one, deleted at the end. */
  readonly dataFolder?: string;
  readonly ports: Partial<Record<FixedPort, number>> | 'free';
  /** Absent servers are as many as the data folder remembers. */
  readonly replicas: Replicas;
  /** Default: no metrics. */
  readonly metrics?: MetricsPorts;
  readonly restart: boolean;
  /** See `SupervisorOptions`. */
  readonly restartPauseMs?: number;
  /** Only nats-server, so that tools can reach what it keeps while no service runs. Default: false. */
  readonly storeOnly?: boolean;
  /** Lets an older nats-server that is still mended run on what a newer one wrote. Default: false. */
  readonly allowOlderNats?: boolean;
  /** Syncs every append to disk. Default: false. */
  readonly syncAlways?: boolean;
  /** Whether a stack without users gets one. Default: false. */
  readonly firstUser?: boolean;
  readonly onChange: (change: StackChange) => void;
}

/** A stack that is ready. */
export interface RunningStack {
  readonly connection: StoredConnection;
  readonly natsServer: NatsServer;
  /** Present when this start made the first user. */
  readonly firstLogin?: FirstLogin;
  pids(): Record<string, number>;
  /** Ends everything in order, within 10 s. Safe to repeat. */
  stop(): Promise<void>;
  /** Ends everything at once; for the second Ctrl-C. */
  kill(): void;
}

/**
 * Starts a nats-server and the four services and resolves when they do their work. What was started is stopped again
 * when that fails or the signal is aborted.
 *
 * @throws Trouble that says what is in the way
 */
export async function startStack(
  config: CliConfig,
  options: StackOptions,
  signal: AbortSignal,
): Promise<RunningStack> {
  requireBuilt();
  const natsServer = await findNatsServer(config);
  const { onChange, registry, syncAlways } = options;
  requireSyncAlways(natsServer, syncAlways);
  const isTemporary = options.dataFolder === undefined;
  const replicas = { ...options.replicas, servers: await serversFor(options) };
  requireClusterable(natsServer, replicas.servers);
  const ports = await choosePorts(options.ports, replicas, options.metrics);
  const folder = isTemporary
    ? await makeTemporaryFolder()
    : await openDataFolder(options.dataFolder);
  const guard = new ProcessGuard(isTemporary ? folder.path : undefined);
  const supervisor = new Supervisor({ ...options, logFolder: folder.logs, guard });
  let stopWatching = (): void => undefined;
  const stop = async () => {
    stopWatching();
    await supervisor.stop();
    guard.close();
    await folder.release();
  };
  try {
    await rememberServers(folder.path, replicas.servers);
    await markNatsVersion(folder.path, natsServer.version, { allowOlder: options.allowOlderNats });
    const plan = planStack(
      {
        ...options,
        dataFolder: folder.path,
        natsServer: natsServer.file,
        natsConfigs: await configureNats(folder.path, ports, syncAlways),
        queueMib: await queueMibOn(folder.path, ports),
        registryFile: typeof registry === 'function' ? await registry(folder.path) : registry,
        hiddenFolders: hiddenFolders(folder.path, config),
        environment: config.environment,
      },
      ports,
    );
    const parts = { supervisor, folder, signal };
    const isWhole = options.storeOnly !== true;
    const connection = isWhole ? await start(plan, parts) : await startStore(plan, parts);
    stopWatching = guardDisk(folder.path, supervisor, onChange);
    return {
      connection,
      natsServer,
      firstLogin:
        isWhole && options.firstUser === true ? await makeFirstUser(connection) : undefined,
      pids: () => supervisor.pids(),
      stop,
      kill: () => supervisor.kill(),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The folder of another stack may lie in a project that agents may look at. */
function hiddenFolders(folder: string, config: CliConfig): string[] {
  const { dataFolder, loginsFile, settingsFolder } = config;
  return [...new Set([folder, dataFolder, dirname(loginsFile), settingsFolder])];
}

/** All servers of the cluster keep their queues on the same disk. */
async function queueMibOn(folder: string, { otherNats = [] }: StackPorts): Promise<number> {
  const free = await freeMib(folder);
  return queueMibFor(Math.floor(free / (1 + otherNats.length)), folder);
}

async function serversFor({ dataFolder, replicas }: StackOptions): Promise<number> {
  if (dataFolder === undefined) return replicas.servers ?? 1;
  return serversOf(dataFolder, replicas.servers);
}

async function configureNats(
  folder: string,
  { nats, otherNats = [], routes }: StackPorts,
  syncAlways = false,
): Promise<string[]> {
  const keyFileOf = (user: NatsUser) => natsKeyFile(folder, user);
  const servers = [nats, ...otherNats].map((port, index): ClusterServer => {
    const name = numbered('nats', index);
    const route = `${LOOPBACK}:${routes?.[index] ?? 0}`;
    const listen = `${LOOPBACK}:${port}`;
    const file = join(folder, `${name}-server.conf`);
    return { name, file, listen, route, routeListen: route, storeFolder: join(folder, name) };
  });
  const files = servers.map(({ file }) => file);
  if (routes === undefined) {
    for (const { file, listen, storeFolder } of servers)
      await writeNatsConfig(file, keyFileOf, { listen, storeFolder, syncAlways });
    return files;
  }
  const secrets = join(folder, 'keys', 'cluster');
  await writeClusterConfigs(servers, { secrets, keyFileOf }, syncAlways);
  return files;
}

const DISK_NEWS: Record<DiskChange, (free: number) => string> = {
  low: (free) => `only ${free} MiB are free on its disk`,
  full: () => 'its disk is full: nothing more is stored, what is stored can be read',
  room: (free) => `${free} MiB are free on its disk again: starting it anew`,
};

/** A nats-server that could not write stores nothing any more, even with room again: a new one does. */
function guardDisk(
  folder: string,
  supervisor: Supervisor,
  onChange: StackOptions['onChange'],
): () => void {
  return watchDisk({
    folder,
    onChange: (change, free) => {
      onChange({ process: 'nats', change: 'noted', detail: DISK_NEWS[change](free) });
      if (change === 'room') void supervisor.restart('store');
    },
  });
}

interface Parts {
  readonly supervisor: Supervisor;
  readonly folder: DataFolder;
  readonly signal: AbortSignal;
}

async function startStore(plan: StackPlan, parts: Parts): Promise<StoredConnection> {
  const { supervisor, folder, signal } = parts;
  await supervisor.start(plan.stores, signal);
  const noToken = { token: '', tokenExpiresAt: new Date(0).toISOString() };
  return connect({ ...plan, services: [] }, folder, noToken);
}

async function start(plan: StackPlan, parts: Parts): Promise<StoredConnection> {
  const { stores, services, urls } = plan;
  const { supervisor, folder, signal } = parts;
  await supervisor.start(stores, signal);
  const operator = { nats: urls.nats, natsKeyFile: natsKeyFile(folder.path, 'operator') };
  // As the services would make it where there is none yet: with as many copies.
  const environment = services[0]?.environment ?? {};
  await makeStores(operator, environment);
  await allOrNone(signal, [
    (limited) => supervisor.start(services, limited),
    (limited) => makeLocalClient(folder.path, limited),
    async () => void (await takeOverUsers(operator, environment)),
  ]);
  return connect(plan, folder, await fetchToken(folder.path, urls.issuer));
}

/** Leaves in the data folder what the other commands need. */
async function connect(
  { services, urls }: StackPlan,
  folder: DataFolder,
  token: Pick<StoredConnection, 'token' | 'tokenExpiresAt'>,
): Promise<StoredConnection> {
  const { mcp, edges, health, issuer, nats } = urls;
  const connection = {
    mcp,
    edges: [...edges],
    health,
    issuer,
    nats,
    natsKeyFile: natsKeyFile(folder.path, 'operator'),
    dataDir: folder.path,
    ...metricsOf(services),
    ...token,
  };
  await writeConnection(connection);
  return connection;
}

function metricsOf(services: StackPlan['services']): Pick<StoredConnection, 'metrics'> {
  const metrics: Record<string, string> = {};
  for (const { name, metricsUrl } of services) {
    if (metricsUrl !== undefined) metrics[name] = metricsUrl;
  }
  return Object.keys(metrics).length === 0 ? {} : { metrics };
}

/** Does things at the same time; when one fails the others are given up, and none is under way any more. */
async function allOrNone(
  signal: AbortSignal,
  works: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const failed = new AbortController();
  const limited = AbortSignal.any([signal, failed.signal]);
  const underWay = works.map((work) => work(limited));
  try {
    await Promise.all(underWay);
  } catch (error) {
    failed.abort();
    await Promise.allSettled(underWay);
    throw error;
  }
}
