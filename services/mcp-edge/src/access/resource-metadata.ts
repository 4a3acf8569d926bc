import { everydayScopes } from '@skynet/contracts';

export const WELL_KNOWN_PATH = '/.well-known/oauth-protected-resource';

/** RFC 9728: what a client needs to get a token for this server. */
export interface ResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly [string];
  readonly bearer_methods_supported: readonly ['header'];
  /** What a client should ask for; more is asked for when a call needs it. */
  readonly scopes_supported: typeof everydayScopes;
  readonly resource_name: string;
}

export function resourceMetadata(audience: string, issuer: string): ResourceMetadata {
  return {
    resource: audience,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    scopes_supported: everydayScopes,
    resource_name: 'Skynet-MCP',
  };
}

/** Where the metadata of the audience are: the well-known path goes between host and path. */
export function resourceMetadataUrl(audience: string): string {
  const { origin, pathname } = new URL(audience);
  return `${origin}${WELL_KNOWN_PATH}${pathname === '/' ? '' : pathname}`;
}
