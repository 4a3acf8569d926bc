import { join } from 'node:path';
import { loadConfig, logLevels, type Environment, type LogLevel } from '@skynet/platform';
import { z } from 'zod';
import { MAX_ACCESS_TOKEN_TTL_SECONDS } from './tokens/token-lifetime.js';

const environmentSchema = z.object({
  AUTH_HOST: z.string().default('127.0.0.1'),
  AUTH_PORT: z.coerce.number().int().min(0).max(65_535).default(7_511),
  /** What tokens name as `iss`; clients must reach this service under it. */
  AUTH_ISSUER: z.url({ protocol: /^https?$/ }),
  /** The canonical URL of the edge's /mcp. */
  AUTH_AUDIENCE: z.url({ protocol: /^https?$/ }),
  AUTH_DATA_FOLDER: z.string(),
  /** Default: clients.json in the data folder. */
  AUTH_CLIENTS_FILE: z.string().optional(),
  AUTH_ACCESS_TOKEN_TTL_SECONDS: z.coerce
    .number()
    .int()
    .positive()
    .max(MAX_ACCESS_TOKEN_TTL_SECONDS)
    .default(60 * 60),
  AUTH_KEY_ROTATION_SECONDS: z.coerce
    .number()
    .int()
    .positive()
    .default(24 * 60 * 60),
  LOG_LEVEL: z.enum(logLevels).default('info'),
});

export interface AuthConfig {
  readonly host: string;
  readonly port: number;
  readonly issuer: string;
  readonly audience: string;
  readonly keyFile: string;
  readonly clientsFile: string;
  readonly accessTokenTtlSeconds: number;
  readonly keyRotationMs: number;
  readonly logLevel: LogLevel;
}

export function readAuthConfig(environment: Environment = process.env): AuthConfig {
  const read = loadConfig(environmentSchema, environment);
  return {
    host: read.AUTH_HOST,
    port: read.AUTH_PORT,
    issuer: read.AUTH_ISSUER,
    audience: read.AUTH_AUDIENCE,
    keyFile: join(read.AUTH_DATA_FOLDER, 'signing-keys.json'),
    clientsFile: read.AUTH_CLIENTS_FILE ?? join(read.AUTH_DATA_FOLDER, 'clients.json'),
    accessTokenTtlSeconds: read.AUTH_ACCESS_TOKEN_TTL_SECONDS,
    keyRotationMs: read.AUTH_KEY_ROTATION_SECONDS * 1_000,
    logLevel: read.LOG_LEVEL,
  };
}
