import {
  ClientCredentialsProvider,
  OAuthClientFlowError,
  PrivateKeyJwtProvider,
  type OAuthClientProvider,
} from '@modelcontextprotocol/client';
import type { RemoteEntry } from '../remote-entry.js';

type Send = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** All connections of an entry use its token: one that is read anew from the registry has a new one. */
const providers = new WeakMap<RemoteEntry, OAuthClientProvider>();

/**
 * Gets tokens for a server by OAuth client credentials (RFC 6749 §4.4; with a key, RFC 7523 §2.2), as MCP's extension for
 * machines has it. They go to the issuer of the entry and to no other, whatever the server says of its own.
 */
export function authorizationFor(entry: RemoteEntry): OAuthClientProvider | undefined {
  const { oauth } = entry;
  if (oauth === undefined || oauth.login === true) return undefined;
  const known = providers.get(entry) ?? provider(oauth);
  providers.set(entry, known);
  return known;
}

function provider({
  issuer: expectedIssuer,
  ...credentials
}: Exclude<NonNullable<RemoteEntry['oauth']>, { login: true }>): OAuthClientProvider {
  const { clientId, clientSecret, privateKey, algorithm, scope } = credentials;
  const shared = { clientId, expectedIssuer, ...(scope !== undefined && { scope }) };
  if (clientSecret !== undefined) {
    return new ClientCredentialsProvider({ ...shared, clientSecret });
  }
  return new PrivateKeyJwtProvider({ ...shared, algorithm, privateKey: keyIn(privateKey ?? '') });
}

/** A JWK, else PEM. */
function keyIn(text: string): string | Record<string, unknown> {
  if (!text.trimStart().startsWith('{')) return text;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // Its own error would quote the key.
    throw new OAuthClientFlowError('privateKey is no JWK: it is no JSON');
  }
}

/** Where the entry's own headers, which may hold secrets, and keys of calls go to the server alone. */
export function toServerOnly({ url, headers }: RemoteEntry, send: Send, sendOther: Send): Send {
  const { origin } = new URL(url);
  return (asked, init) => {
    if (new URL(asked).origin === origin) return send(asked, init);
    const left = new Headers(init?.headers);
    for (const [name, value] of Object.entries(headers)) {
      if (left.get(name) === value) left.delete(name);
    }
    return sendOther(asked, { ...init, headers: left });
  };
}
