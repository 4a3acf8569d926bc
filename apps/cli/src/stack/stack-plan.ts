import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Environment } from '../command/cli.config.js';
import { numbered } from '../nats/nats-cluster.js';
import { natsKeyFile } from '../nats/nats-config.js';
import { copiesOn } from '../nats/nats-servers.js';
import { LOOPBACK, type StackPorts } from './ports.js';
import { COMPILE_CACHE, serviceProgram, type ServiceName } from './repository.js';
import { settingsOf } from './service-settings.js';

/** What the services are told beside their addresses. */
export interface StackSettings {
  readonly dataFolder: string;
  readonly natsServer: string;
  /** Files, one for each server. */
  readonly natsConfigs: readonly string[];
  /** The environment of this process. */
  readonly environment: Environment;
  /** Room for each work queue, MiB. */
  readonly queueMib: number;
  readonly registryFile?: string;
  /** What tool servers don't see, whatever the registry says. */
  readonly hiddenFolders: readonly string[];
  readonly slots?: number;
  readonly maxRunning?: number;
  readonly maxRunningPerTenant?: number;
}

/** `store` starts first and stops last; a `door` stops first. */
export type Stage = 'store' | 'work' | 'door';

export interface PlannedProcess {
  /** Unique in the stack; the first replica has the plain name. */
  readonly name: string;
  readonly stage: Stage;
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Environment;
  readonly port: number;
  /** Its connections wait while it is away: the variable that tells it which descriptor its socket is. Absent: it binds itself. */
  readonly socketVariable?: string;
  /** Absent for what speaks no HTTP: it is ready when it accepts connections. */
  readonly readyUrl?: string;
  /** Where Prometheus finds its metrics; absent when it serves none. */
  readonly metricsUrl?: string;
}

export interface StackUrls {
  readonly mcp: string;
  readonly edges: readonly string[];
  readonly health: string;
  readonly issuer: string;
  readonly nats: string;
}

export interface StackPlan {
  readonly stores: readonly PlannedProcess[];
  readonly services: readonly PlannedProcess[];
  readonly urls: StackUrls;
}

/** By its default V8 lets the garbage of a busy edge grow to several times what the edge holds. */
const EDGE_HEAP_MIB = 512;

const DOOR = { stage: 'door', socketVariable: 'EDGE_LISTEN_FD' } as const;

const PASSED_ON =
  /^(PATH|HOME|USER|LANG|LC_.*|TZ|TMPDIR|LOG_LEVEL|NODE_OPTIONS|NODE_EXTRA_.*|OTEL_.*|TRACES_.*|(EVENT|STATE|PAYLOAD)_STORE(_.*)?|HTTP_(.*_SECONDS|CONNECTIONS.*))$/;

export function planStack(settings: StackSettings, ports: StackPorts): StackPlan {
  const urls = urlsOf(ports);
  const common = commonEnvironment(settings, ports, urls);
  const service = (
    name: string,
    program: ServiceName,
    port: number,
    own: Environment,
  ): PlannedProcess => ({
    name,
    ...(program === 'mcp-edge' ? DOOR : { stage: 'work' }),
    program: process.execPath,
    args: [...collectorFlags(availableParallelism()), serviceProgram(program)],
    environment: { ...common, ...own, NATS_NKEY_FILE: natsKeyFile(settings.dataFolder, program) },
    port,
    readyUrl: `${httpUrl(port)}/health/ready`,
  });
  return {
    urls,
    stores: natsPorts(ports).map((port, index) => ({
      name: numbered('nats', index),
      stage: 'store' as const,
      program: settings.natsServer,
      args: ['-c', settings.natsConfigs[index] ?? ''],
      environment: passedOn(settings.environment),
      port,
    })),
    services: withMetrics(ports.metrics, [
      service('auth', 'auth', ports.auth, authEnvironment(settings, ports, urls)),
      ...ports.runtimes.map((port, index) =>
        service(numbered('runtime', index), 'agent-runtime', port, {
          // The keys of models, and what tool servers are to get, are in it.
          ...settings.environment,
          ...common,
          AGENT_RUNTIME_HOST: LOOPBACK,
          AGENT_RUNTIME_PORT: String(port),
          ...runtimeEnvironment(settings),
        }),
      ),
      ...ports.schedulers.map((port, index) =>
        service(numbered('scheduler', index), 'scheduler', port, {
          ...schedulerEnvironment(settings),
          SCHEDULER_HOST: LOOPBACK,
          SCHEDULER_PORT: String(port),
        }),
      ),
      ...ports.edges.map((port, index) =>
        service(numbered('edge', index), 'mcp-edge', port, {
          ...settingsOf('mcp-edge', settings.environment),
          EDGE_HOST: LOOPBACK,
          EDGE_PORT: String(port),
          EDGE_ISSUER: urls.issuer,
          EDGE_AUDIENCE: urls.mcp,
          NODE_OPTIONS: heapOptions(settings.environment, EDGE_HEAP_MIB),
        }),
      ),
    ]),
  };
}

/** What every service is told. */
function commonEnvironment(
  { environment, queueMib }: StackSettings,
  ports: StackPorts,
  { nats }: StackUrls,
): Environment {
  const servers = natsPorts(ports).length;
  return {
    ...passedOn(environment),
    NODE_ENV: 'production',
    // Saves a third of the time that a service takes to start.
    NODE_COMPILE_CACHE: environment['NODE_COMPILE_CACHE'] ?? COMPILE_CACHE,
    NATS_URL: nats,
    NATS_QUEUE_MIB: environment['NATS_QUEUE_MIB'] ?? String(queueMib),
    NATS_REPLICAS: servers > 1 ? String(copiesOn(servers)) : undefined,
  };
}

/** Each process has a port of its own; one that the environment names can't serve them all. */
function withMetrics(
  ports: readonly number[] = [],
  services: readonly PlannedProcess[],
): readonly PlannedProcess[] {
  return services.map((service, index) => {
    const port = ports[index];
    const own = { METRICS_HOST: LOOPBACK, METRICS_PORT: textOf(port) };
    return {
      ...service,
      environment: { ...service.environment, ...own },
      ...(port !== undefined && { metricsUrl: `${httpUrl(port)}/metrics` }),
    };
  });
}

function urlsOf(ports: StackPorts): StackUrls {
  const edges = ports.edges.map((port) => `${httpUrl(port)}/mcp`);
  const [first = 0] = ports.edges;
  return {
    mcp: `${httpUrl(first)}/mcp`,
    edges,
    health: `${httpUrl(first)}/health/ready`,
    issuer: httpUrl(ports.auth),
    nats: natsPorts(ports)
      .map((port) => `nats://${LOOPBACK}:${port}`)
      .join(','),
  };
}

function natsPorts({ nats, otherNats = [] }: StackPorts): readonly number[] {
  return [nats, ...otherNats];
}

/** The command line wins over the environment. */
function runtimeEnvironment({ environment, ...settings }: StackSettings): Environment {
  const { AGENT_RUNTIME_HIDDEN: hidden, AGENT_RUNTIME_REGISTRY: registry } = environment;
  const { AGENT_RUNTIME_SLOTS: slots } = environment;
  const { AGENT_RUNTIME_TOOL_LOGINS: logins } = environment;
  const folders = [...settings.hiddenFolders, ...(hidden ? [hidden] : [])];
  return {
    AGENT_RUNTIME_REGISTRY: settings.registryFile ?? registry,
    AGENT_RUNTIME_HIDDEN: folders.join(delimiter),
    AGENT_RUNTIME_SLOTS: textOf(settings.slots) ?? slots,
    AGENT_RUNTIME_TOOL_LOGINS: logins ?? join(settings.dataFolder, 'tool-logins'),
  };
}

function schedulerEnvironment(settings: StackSettings): Environment {
  const { maxRunning, maxRunningPerTenant, environment } = settings;
  const limits = {
    SCHEDULER_MAX_RUNNING: textOf(maxRunning),
    SCHEDULER_MAX_RUNNING_PER_TENANT: textOf(maxRunningPerTenant),
  };
  const given = Object.entries(limits).filter(([, limit]) => limit !== undefined);
  return { ...settingsOf('scheduler', environment), ...Object.fromEntries(given) };
}

function authEnvironment(
  { dataFolder, environment }: StackSettings,
  ports: StackPorts,
  { issuer, mcp }: StackUrls,
): Environment {
  return {
    ...settingsOf('auth', environment),
    AUTH_HOST: LOOPBACK,
    AUTH_PORT: String(ports.auth),
    AUTH_ISSUER: issuer,
    AUTH_AUDIENCE: mcp,
    AUTH_DATA_FOLDER: join(dataFolder, 'auth'),
  };
}

const FEW_CORES = 4;

/**
 * V8 collects garbage in several threads and waits for the last of them: where the services fill all cores, that one has none
 * for a while, and everybody who is served waits as well.
 */
function collectorFlags(cores: number): readonly string[] {
  return cores <= FEW_CORES ? ['--no-parallel-scavenge'] : [];
}

/** What the operator asks of Node wins. */
function heapOptions({ NODE_OPTIONS: asked = '' }: Environment, heapMib: number): string {
  return `--max-old-space-size=${heapMib} ${asked}`.trim();
}

function passedOn(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => PASSED_ON.test(name)));
}

function httpUrl(port: number): string {
  return `http://${LOOPBACK}:${port}`;
}

function textOf(number: number | undefined): string | undefined {
  return number === undefined ? undefined : String(number);
}
