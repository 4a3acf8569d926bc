import { join } from 'node:path';
import { MAX_ACCESS_TOKEN_SECONDS, MAX_LOGIN_SECONDS } from '@skynet/contracts';
import {
  loadConfig,
  platformSettings,
  platformVariables,
  type Environment,
  type PlatformSettings,
} from '@skynet/platform';
import { z } from 'zod';
import { ownSchemeSchema } from '../clients/redirects.js';

const seconds = (most: number, fallback: number) =>
  z.coerce.number().int().positive().max(most).default(fallback);

const listed = (text: string) => text.split(',').map((name) => name.trim());

/** Editors that register such a redirect with MCP servers. */
const KNOWN_SCHEMES = 'cursor,vscode,vscode-insiders,windsurf';

/** All variables that the service reads. */
export const authEnvironment = z.object({
  ...platformVariables,
  AUTH_HOST: z.string().default('127.0.0.1'),
  AUTH_PORT: z.coerce.number().int().min(0).max(65_535).default(7_511),
  /** What tokens name as `iss`; clients and browsers must reach this service under it. */
  AUTH_ISSUER: z.url({ protocol: /^https?$/ }),
  /** The canonical URL of the edge's /mcp. */
  AUTH_AUDIENCE: z.url({ protocol: /^https?$/ }),
  AUTH_DATA_FOLDER: z.string(),
  /** Default: clients.json in the data folder. */
  AUTH_CLIENTS_FILE: z.string().optional(),
  /** Lifetime of a client's token by its own secret. */
  AUTH_ACCESS_TOKEN_TTL_SECONDS: seconds(MAX_ACCESS_TOKEN_SECONDS, MAX_ACCESS_TOKEN_SECONDS),
  /** Lifetime of a user's token; what revokes one early can't always be heard. */
  AUTH_USER_TOKEN_TTL_SECONDS: seconds(MAX_ACCESS_TOKEN_SECONDS, 10 * 60),
  /** How long a client may refresh a user's tokens before the user must log in again. */
  AUTH_LOGIN_SECONDS: seconds(MAX_LOGIN_SECONDS, 14 * 24 * 60 * 60),
  AUTH_KEY_ROTATION_SECONDS: z.coerce
    .number()
    .int()
    .positive()
    .default(24 * 60 * 60),
  /** Clients that one address may register in an hour; 0 switches registration off. */
  AUTH_REGISTRATIONS_PER_HOUR: z.coerce.number().int().min(0).default(20),
  /** A registered client that is not used for this long is forgotten. */
  AUTH_CLIENT_IDLE_SECONDS: seconds(MAX_LOGIN_SECONDS, MAX_LOGIN_SECONDS),
  /** Whether a client may be described by a document at the https URL that is its id. */
  AUTH_CLIENT_DOCUMENTS: z.stringbool().default(true),
  /** For development: such documents may be on this machine. */
  AUTH_LOCAL_CLIENT_DOCUMENTS: z.stringbool().default(false),
  /** Schemes, separated by commas, that programs on users' computers may be called back by, or `none`. */
  AUTH_REDIRECT_SCHEMES: z
    .string()
    .default(KNOWN_SCHEMES)
    .transform((text) => (text === 'none' ? [] : listed(text)))
    .pipe(z.array(ownSchemeSchema)),
  /** Host names, without ports, of pages that may register as clients in a visitor's browser. */
  AUTH_ALLOWED_ORIGINS: z.string().default('localhost,127.0.0.1,[::1]').transform(listed),
  /** Whether the last entry of X-Forwarded-For is the caller's address: only behind a proxy that writes it. */
  AUTH_BEHIND_PROXY: z.stringbool().default(false),
});

export interface AuthConfig {
  readonly host: string;
  readonly port: number;
  readonly issuer: string;
  readonly audience: string;
  readonly keyFile: string;
  /** Of the key that signs the audit trail. */
  readonly auditKeyFile: string;
  readonly auditPublicKeysFile: string;
  readonly auditCheckpointsFile: string;
  readonly clientsFile: string;
  /** What was told of it last. */
  readonly toldClientsFile: string;
  readonly accessTokenTtlSeconds: number;
  readonly userTokenTtlSeconds: number;
  readonly loginSeconds: number;
  readonly keyRotationMs: number;
  readonly registrationsPerHour: number;
  readonly clientIdleSeconds: number;
  readonly clientDocuments: boolean;
  readonly localClientDocuments: boolean;
  readonly redirectSchemes: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly behindProxy: boolean;
  readonly platform: PlatformSettings;
}

export function readAuthConfig(environment: Environment = process.env): AuthConfig {
  const read = loadConfig(authEnvironment, environment);
  return {
    host: read.AUTH_HOST,
    port: read.AUTH_PORT,
    issuer: read.AUTH_ISSUER,
    audience: read.AUTH_AUDIENCE,
    keyFile: join(read.AUTH_DATA_FOLDER, 'signing-keys.json'),
    auditKeyFile: join(read.AUTH_DATA_FOLDER, 'audit-signing-key.json'),
    auditPublicKeysFile: join(read.AUTH_DATA_FOLDER, 'audit-keys.json'),
    auditCheckpointsFile: join(read.AUTH_DATA_FOLDER, 'audit-checkpoints.jsonl'),
    toldClientsFile: join(read.AUTH_DATA_FOLDER, 'told-clients.json'),
    clientsFile: read.AUTH_CLIENTS_FILE ?? join(read.AUTH_DATA_FOLDER, 'clients.json'),
    accessTokenTtlSeconds: read.AUTH_ACCESS_TOKEN_TTL_SECONDS,
    userTokenTtlSeconds: read.AUTH_USER_TOKEN_TTL_SECONDS,
    loginSeconds: read.AUTH_LOGIN_SECONDS,
    keyRotationMs: read.AUTH_KEY_ROTATION_SECONDS * 1_000,
    registrationsPerHour: read.AUTH_REGISTRATIONS_PER_HOUR,
    clientIdleSeconds: read.AUTH_CLIENT_IDLE_SECONDS,
    clientDocuments: read.AUTH_CLIENT_DOCUMENTS,
    localClientDocuments: read.AUTH_LOCAL_CLIENT_DOCUMENTS,
    redirectSchemes: read.AUTH_REDIRECT_SCHEMES,
    allowedOrigins: read.AUTH_ALLOWED_ORIGINS,
    behindProxy: read.AUTH_BEHIND_PROXY,
    platform: platformSettings(read),
  };
}
