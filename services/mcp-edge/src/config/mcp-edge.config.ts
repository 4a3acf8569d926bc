import { roleSchema, tenantSchema } from '@skynet/contracts';
import {
  loadConfig,
  platformSettings,
  platformVariables,
  type Environment,
  type PlatformSettings,
} from '@skynet/platform';
import { z } from 'zod';
import type { ClaimNames } from '../access/claims-reader.js';
import type { RequestRatesOptions } from '../access/request-rates.js';
import type { MessageBounds } from '../wire/message-bounds.js';

const httpUrl = z.url({ protocol: /^https?$/ });
const names = z.string().transform((text) => text.split(',').map((name) => name.trim()));
const ALGORITHMS = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'] as const;
const rate = z.coerce.number().nonnegative();
const burst = z.coerce.number().int().positive();
const LOOPBACK = 'localhost,127.0.0.1,[::1]';

/** All variables that the service reads. */
export const mcpEdgeEnvironment = z.object({
  ...platformVariables,
  EDGE_HOST: z.string().default('127.0.0.1'),
  EDGE_PORT: z.coerce.number().int().min(0).max(65_535).default(7_510),
  /** A socket that the process inherits and that is bound: it listens there, not on host and port. Default: none. */
  EDGE_LISTEN_FD: z.coerce.number().int().min(3).optional(),
  /** Who makes the tokens, exactly as they name it in `iss`. */
  EDGE_ISSUER: httpUrl,
  /** Default: what the issuer's metadata name. */
  EDGE_JWKS_URL: httpUrl.optional(),
  /** Whether these names, and that of the keys, may lead to addresses that are not public. Those that stand in a URL themselves may anyway. */
  EDGE_ISSUER_ALLOW_PRIVATE: z.stringbool().default(false),
  /** The canonical URL of /mcp, which tokens must name in `aud`. */
  EDGE_AUDIENCE: httpUrl,
  /** What the issuer signs with; other issuers than ours mostly use RS256. */
  EDGE_TOKEN_ALGORITHMS: names.pipe(z.array(z.enum(ALGORITHMS)).min(1)).prefault('ES256'),
  /** `typ` of its access tokens; other issuers often use JWT. */
  EDGE_TOKEN_TYPES: names.pipe(z.array(z.enum(['at+jwt', 'jwt'])).min(1)).prefault('at+jwt'),
  /** Claim that holds roles of ours, or a path to it: `realm_access.roles`. */
  EDGE_ROLES_CLAIM: z.string().default('roles'),
  EDGE_TENANT_CLAIM: z.string().default('tenant'),
  /** For tokens without a tenant. Default: they are refused. */
  EDGE_DEFAULT_TENANT: tenantSchema.optional(),
  /** For tokens without a role of ours. Default: they are refused. */
  EDGE_DEFAULT_ROLES: names.pipe(z.array(roleSchema).min(1)).optional(),
  /** Whose administrators see and set quotas of all tenants. Default: nobody does over MCP. */
  EDGE_OPERATOR_TENANT: tenantSchema.optional(),
  /** Host names without ports. */
  EDGE_ALLOWED_HOSTS: names.prefault(LOOPBACK),
  EDGE_ALLOWED_ORIGINS: names.prefault(LOOPBACK),
  EDGE_BODY_LIMIT_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(1024 * 1024),
  /** Most values in a message, and levels of lists and objects; docs/security.md says what counts. */
  EDGE_MESSAGE_VALUES: z.coerce.number().int().positive().default(10_000),
  EDGE_MESSAGE_DEPTH: z.coerce.number().int().positive().max(1_000).default(64),
  /** Messages that each principal may send to this process, and how many at once; 0 a second: no limit. */
  EDGE_RATE_PER_SECOND: rate.default(500),
  EDGE_RATE_BURST: burst.default(1_000),
  /** Requests of each address that come without a good token. */
  EDGE_RATE_UNKNOWN_PER_SECOND: rate.default(50),
  EDGE_RATE_UNKNOWN_BURST: burst.default(200),
  /** Whether X-Forwarded-For says whose requests they are; without a proxy anybody may write there what he likes. */
  EDGE_BEHIND_PROXY: z.stringbool().default(false),
  /** Of Jaeger's pages, as people reach them: answers about traced agents name them. Default: they name none. */
  EDGE_JAEGER_URL: httpUrl.optional(),
});

export interface McpEdgeConfig {
  readonly host: string;
  readonly port: number;
  /** A descriptor. */
  readonly listenFd?: number;
  readonly issuer: string;
  readonly jwksUrl?: string;
  readonly issuerAllowPrivate: boolean;
  readonly audience: string;
  readonly tokenAlgorithms: readonly string[];
  readonly tokenTypes: readonly string[];
  readonly claims: ClaimNames;
  readonly operatorTenant?: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly bodyLimitBytes: number;
  readonly messageBounds: MessageBounds;
  readonly rates: RequestRatesOptions['rates'];
  readonly behindProxy: boolean;
  readonly jaegerUrl?: string;
  readonly platform: PlatformSettings;
}

export function readMcpEdgeConfig(environment: Environment = process.env): McpEdgeConfig {
  const read = loadConfig(mcpEdgeEnvironment, environment);
  return {
    host: read.EDGE_HOST,
    port: read.EDGE_PORT,
    listenFd: read.EDGE_LISTEN_FD,
    issuer: read.EDGE_ISSUER,
    jwksUrl: read.EDGE_JWKS_URL,
    issuerAllowPrivate: read.EDGE_ISSUER_ALLOW_PRIVATE,
    audience: read.EDGE_AUDIENCE,
    tokenAlgorithms: read.EDGE_TOKEN_ALGORITHMS,
    tokenTypes: read.EDGE_TOKEN_TYPES,
    claims: {
      roles: read.EDGE_ROLES_CLAIM,
      tenant: read.EDGE_TENANT_CLAIM,
      defaultTenant: read.EDGE_DEFAULT_TENANT,
      defaultRoles: read.EDGE_DEFAULT_ROLES,
    },
    operatorTenant: read.EDGE_OPERATOR_TENANT,
    allowedHosts: read.EDGE_ALLOWED_HOSTS,
    allowedOrigins: read.EDGE_ALLOWED_ORIGINS,
    bodyLimitBytes: read.EDGE_BODY_LIMIT_BYTES,
    messageBounds: { values: read.EDGE_MESSAGE_VALUES, depth: read.EDGE_MESSAGE_DEPTH },
    rates: {
      ofPrincipal: { perSecond: read.EDGE_RATE_PER_SECOND, burst: read.EDGE_RATE_BURST },
      ofUnknown: {
        perSecond: read.EDGE_RATE_UNKNOWN_PER_SECOND,
        burst: read.EDGE_RATE_UNKNOWN_BURST,
      },
    },
    behindProxy: read.EDGE_BEHIND_PROXY,
    jaegerUrl: read.EDGE_JAEGER_URL,
    platform: platformSettings(read),
  };
}
