import {
  loadConfig,
  platformSettings,
  platformVariables,
  type Environment,
  type PlatformSettings,
} from '@skynet/platform';
import { z } from 'zod';

const httpUrl = z.url({ protocol: /^https?$/ });
const names = z.string().transform((text) => text.split(',').map((name) => name.trim()));
const LOOPBACK = 'localhost,127.0.0.1,[::1]';

const environmentSchema = z.object({
  ...platformVariables,
  EDGE_HOST: z.string().default('127.0.0.1'),
  EDGE_PORT: z.coerce.number().int().min(0).max(65_535).default(7_510),
  /** Who makes the tokens, exactly as they name it in `iss`. */
  EDGE_ISSUER: httpUrl,
  /** Default: /jwks of the issuer. */
  EDGE_JWKS_URL: httpUrl.optional(),
  /** The canonical URL of /mcp, which tokens must name in `aud`. */
  EDGE_AUDIENCE: httpUrl,
  /** Host names without ports. */
  EDGE_ALLOWED_HOSTS: names.prefault(LOOPBACK),
  EDGE_ALLOWED_ORIGINS: names.prefault(LOOPBACK),
  EDGE_BODY_LIMIT_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(1024 * 1024),
});

export interface McpEdgeConfig {
  readonly host: string;
  readonly port: number;
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly audience: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly bodyLimitBytes: number;
  readonly platform: PlatformSettings;
}

export function readMcpEdgeConfig(environment: Environment = process.env): McpEdgeConfig {
  const read = loadConfig(environmentSchema, environment);
  return {
    host: read.EDGE_HOST,
    port: read.EDGE_PORT,
    issuer: read.EDGE_ISSUER,
    jwksUrl: read.EDGE_JWKS_URL ?? `${read.EDGE_ISSUER.replace(/\/$/, '')}/jwks`,
    audience: read.EDGE_AUDIENCE,
    allowedHosts: read.EDGE_ALLOWED_HOSTS,
    allowedOrigins: read.EDGE_ALLOWED_ORIGINS,
    bodyLimitBytes: read.EDGE_BODY_LIMIT_BYTES,
    platform: platformSettings(read),
  };
}
