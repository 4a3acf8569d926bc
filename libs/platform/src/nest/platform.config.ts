import { z } from 'zod';
import type { HttpLimits } from '../http/http-limits.js';
import { logLevels, type LogLevel } from '../runtime/logger.js';
import { ConfigurationError, loadConfig, type Environment } from '../runtime/load-config.js';
import { secretText, type Secret } from '../runtime/secret.js';
import { otelVariables } from '../telemetry/otlp/otel.config.js';
import { readTracesSettings, type TracesSettings } from '../telemetry/otlp/traces-settings.js';
import type { SpanDetail } from '../telemetry/tracing.port.js';

const seconds = (fallback: number) => z.coerce.number().positive().default(fallback);
const count = (fallback: number) => z.coerce.number().int().positive().default(fallback);

/** Variables that every service reads beside its own; spread them into the schema of its environment. */
export const platformVariables = {
  /** One or several servers of one cluster, separated by commas. */
  NATS_URL: z.string().default('nats://127.0.0.1:4222'),
  /** Seed of the service's nkey (`SU…`). Default: no authentication. */
  NATS_NKEY: secretText().optional(),
  /** PEM file of the authority that signed the servers' certificates; switches TLS on. */
  NATS_CA_FILE: z.string().optional(),
  /** Copies of every stream and bucket of a new system in a NATS cluster; one that is there keeps its own. Default: 1. */
  NATS_REPLICAS: z.coerce.number().int().min(1).max(5).optional(),
  /** Room for waiting commands, and for waiting dispatches, MiB each; NATS sets it aside when it makes them. */
  NATS_QUEUE_MIB: z.coerce.number().int().min(1).default(256),
  /** Where the log is kept. */
  EVENT_STORE: z.enum(['jetstream', 'eventstoredb', 'memory']).default('jetstream'),
  /** `kurrentdb://user:password@host:2113?tls=true`; holds credentials, so it counts as a secret. */
  EVENT_STORE_URL: secretText().optional(),
  /** Where rows, checkpoints and leases are kept. */
  STATE_STORE: z.enum(['nats', 'redis', 'memory']).default('nats'),
  /** `redis://user:password@host:6379/0` */
  STATE_STORE_URL: secretText().optional(),
  /** Where texts over 8 KiB are kept. */
  PAYLOAD_STORE: z.enum(['nats', 'file']).default('nats'),
  /** Folder of the payload store `file`, shared by all services. */
  PAYLOAD_STORE_FOLDER: z.string().optional(),
  ...otelVariables,
  /** Part of the new traces that is kept, 0 to 1, where no `OTEL_TRACES_SAMPLER` is set; a client's decision always counts. */
  TRACES_RATIO: z.coerce.number().min(0).max(1).default(1),
  /** Prompts, answers and arguments in spans: whoever reads the traces reads them. */
  TRACES_CONTENT: z.stringbool().default(false),
  /** Spans beside those that show agents, comma-separated: `messaging`. Default: none. */
  TRACES_DETAIL: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
    .pipe(z.array(z.enum(['messaging']))),
  /** Where `GET /metrics` answers Prometheus; nobody logs in there. Default: nowhere. */
  METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  METRICS_HOST: z.string().default('127.0.0.1'),
  /** Longest that the headers of an HTTP request take to arrive, and all of it; answers may take longer. */
  HTTP_HEADERS_SECONDS: seconds(10),
  HTTP_REQUEST_SECONDS: seconds(30),
  /** Longest that a connection is idle; longer than proxies keep theirs, or they find it closed. */
  HTTP_KEEP_ALIVE_SECONDS: seconds(72),
  /** Most connections at a time on each HTTP port of the process; those of a proxy are of one address. */
  HTTP_CONNECTIONS: count(8_192),
  HTTP_CONNECTIONS_PER_ADDRESS: count(4_096),
  LOG_LEVEL: z.enum(logLevels).default('info'),
};

/** What `platformVariables` read as. */
export interface PlatformSettings {
  readonly nats: NatsSettings;
  readonly eventStore: EventStoreSettings;
  readonly stateStore: StateStoreSettings;
  readonly payloadStore: PayloadStoreSettings;
  readonly telemetry: TelemetrySettings;
  /** Of each HTTP port. */
  readonly http: HttpLimits;
  readonly logLevel: LogLevel;
}

export interface NatsSettings {
  readonly url: string;
  readonly nkeySeed?: Secret;
  readonly caFile?: string;
  /** Copies of a stream or bucket, where nothing is there yet. Default: 1. */
  readonly replicas?: number;
  readonly queueMib: number;
}

export type EventStoreSettings =
  | { readonly kind: 'jetstream' | 'memory' }
  | { readonly kind: 'eventstoredb'; readonly url: Secret };

export type StateStoreSettings =
  { readonly kind: 'nats' | 'memory' } | { readonly kind: 'redis'; readonly url: Secret };

export type PayloadStoreSettings =
  { readonly kind: 'nats' } | { readonly kind: 'file'; readonly folder: string };

export interface TelemetrySettings {
  readonly traces: TracesSettings;
  readonly tracesContent: boolean;
  readonly tracesDetail: readonly SpanDetail[];
  /** Absent: no metrics are served. */
  readonly metrics?: { readonly host: string; readonly port: number };
}

type PlatformEnvironment = z.output<z.ZodObject<typeof platformVariables>>;

/** @throws ConfigurationError when a store lacks its address */
export function platformSettings(read: PlatformEnvironment): PlatformSettings {
  return {
    nats: {
      url: read.NATS_URL,
      nkeySeed: read.NATS_NKEY,
      caFile: read.NATS_CA_FILE,
      replicas: read.NATS_REPLICAS,
      queueMib: read.NATS_QUEUE_MIB,
    },
    eventStore:
      read.EVENT_STORE === 'eventstoredb'
        ? { kind: read.EVENT_STORE, url: needed(read, 'EVENT_STORE_URL') }
        : { kind: read.EVENT_STORE },
    stateStore:
      read.STATE_STORE === 'redis'
        ? { kind: read.STATE_STORE, url: needed(read, 'STATE_STORE_URL') }
        : { kind: read.STATE_STORE },
    payloadStore:
      read.PAYLOAD_STORE === 'file'
        ? { kind: read.PAYLOAD_STORE, folder: needed(read, 'PAYLOAD_STORE_FOLDER') }
        : { kind: read.PAYLOAD_STORE },
    telemetry: {
      traces: readTracesSettings(read, read.TRACES_RATIO),
      tracesContent: read.TRACES_CONTENT,
      tracesDetail: read.TRACES_DETAIL,
      metrics:
        read.METRICS_PORT === undefined
          ? undefined
          : { host: read.METRICS_HOST, port: read.METRICS_PORT },
    },
    http: {
      headersMs: read.HTTP_HEADERS_SECONDS * 1_000,
      requestMs: read.HTTP_REQUEST_SECONDS * 1_000,
      keepAliveMs: read.HTTP_KEEP_ALIVE_SECONDS * 1_000,
      connections: read.HTTP_CONNECTIONS,
      connectionsPerAddress: read.HTTP_CONNECTIONS_PER_ADDRESS,
    },
    logLevel: read.LOG_LEVEL,
  };
}

/** The settings alone, for programs that are no service. */
export function readPlatformSettings(environment: Environment): PlatformSettings {
  return platformSettings(loadConfig(z.object(platformVariables), environment));
}

function needed<Name extends keyof PlatformEnvironment>(
  read: PlatformEnvironment,
  name: Name,
): NonNullable<PlatformEnvironment[Name]> {
  const value = read[name];
  if (value === undefined) throw new ConfigurationError([`${name}: missing for the chosen store`]);
  return value;
}
