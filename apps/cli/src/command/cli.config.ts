import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TraceContext } from '@skynet/client';
import { z } from 'zod';

/** Names and values as a process gets them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const text = z
  .string()
  .transform((value) => value || undefined)
  .optional();

const environmentSchema = z.object({
  /** Folder of the stack to use or to run. */
  SKYNET_DATA: text,
  /** The stack to call instead: URL of its /mcp, and a token. */
  SKYNET_URL: text,
  SKYNET_TOKEN: text,
  /** Program to run as nats-server. */
  SKYNET_NATS_SERVER: text,
  /** Programs that `bench peers` runs as redis-server and as the server of Temporal. */
  SKYNET_REDIS_SERVER: text,
  TEMPORAL_SERVER: text,
  /** File of the logins to servers. Default: skynet/logins.json in the user's folder for settings. */
  SKYNET_LOGINS: text,
  /** The key that signs backups. Default: skynet/backup-key.pem in the user's folder for settings. */
  SKYNET_BACKUP_KEY: text,
  XDG_CONFIG_HOME: text,
  /** URL of Jaeger's pages. */
  SKYNET_JAEGER: text,
  /** Ports where servers of models are looked for on this machine, with commas; any other text: none. */
  SKYNET_MODEL_PORTS: text,
  /** W3C trace context that the command runs in. */
  TRACEPARENT: text,
  TRACESTATE: text,
  PATH: z.string().default(''),
  /** Anything: what went wrong is shown with where, for a report. */
  SKYNET_DEBUG: text,
  NO_COLOR: text,
  TERM: text,
});

export interface CliConfig {
  readonly dataFolder: string;
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly natsServer: string | undefined;
  readonly redisServer: string | undefined;
  readonly temporalServer: string | undefined;
  readonly loginsFile: string;
  readonly backupKeyFile: string;
  /** The user's, with what this program keeps beside data folders. */
  readonly settingsFolder: string;
  readonly jaeger: string | undefined;
  /** Absent: the usual ones. */
  readonly modelPorts: readonly number[] | undefined;
  readonly traceContext: TraceContext;
  readonly path: string;
  /** Whether a terminal may be coloured and redrawn. */
  readonly mayDecorate: boolean;
  /** Whether errors are shown with where they were made. */
  readonly isDebugged: boolean;
  /** Everything, for the processes that this one starts. */
  readonly environment: Environment;
}

export function readCliConfig(environment: Environment = process.env): CliConfig {
  const read = environmentSchema.parse(environment);
  const settings = join(read.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'skynet');
  return {
    dataFolder: resolve(read.SKYNET_DATA ?? '.skynet'),
    url: read.SKYNET_URL,
    token: read.SKYNET_TOKEN,
    natsServer: read.SKYNET_NATS_SERVER,
    redisServer: read.SKYNET_REDIS_SERVER,
    temporalServer: read.TEMPORAL_SERVER,
    loginsFile: resolve(read.SKYNET_LOGINS ?? join(settings, 'logins.json')),
    backupKeyFile: resolve(read.SKYNET_BACKUP_KEY ?? join(settings, 'backup-key.pem')),
    settingsFolder: resolve(settings),
    jaeger: read.SKYNET_JAEGER,
    modelPorts: portsIn(read.SKYNET_MODEL_PORTS),
    traceContext: { traceparent: read.TRACEPARENT, tracestate: read.TRACESTATE },
    path: read.PATH,
    mayDecorate: read.NO_COLOR === undefined && read.TERM !== 'dumb',
    isDebugged: read.SKYNET_DEBUG !== undefined,
    environment,
  };
}

function portsIn(text: string | undefined): number[] | undefined {
  const ports = text?.split(',').map(Number);
  return ports?.filter((port) => Number.isInteger(port) && port > 0 && port <= 65_535);
}
