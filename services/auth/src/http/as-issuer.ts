import type { IncomingMessage } from 'node:http';
import { everydayScopes } from '@skynet/contracts';
import { oauthRoutes } from '../routes/oauth-routes.js';

type Rewritten = IncomingMessage & { originalUrl?: string };

/**
 * Makes the request look as if it came to the issuer's own URL. oidc-provider 9.13 names endpoints after the headers of
 * the request, which anybody can set and a proxy changes; until it can be told to use the issuer.
 */
export function asIssuer(request: Rewritten, issuer: string): void {
  const { host, protocol, pathname } = new URL(issuer);
  request.headers.host = host;
  request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
  delete request.headers['x-forwarded-host'];
  request.url = withScope(request.url ?? '/');
  request.originalUrl = `${pathname.replace(/\/$/, '')}${request.url}`;
}

/** A client that asks for nothing in particular gets what everyday work needs. */
function withScope(url: string): string {
  const [path, query = ''] = url.split('?', 2);
  if (path !== oauthRoutes.authorization || new URLSearchParams(query).has('scope')) return url;
  return `${path}?${query}&scope=${encodeURIComponent(everydayScopes.join(' '))}`;
}
