import { fetchFromIssuer, metadataUrls, type IssuerKeysOptions } from './issuer-keys.js';

/** Where clients of the protocol before June 2025 look, on the host of the MCP server. */
export const ISSUER_METADATA_PATH = '/.well-known/oauth-authorization-server';

const LIMIT_MS = 5_000;
const MAX_BYTES = 64 * 1_024;

/**
 * What the issuer says of itself (RFC 8414), for clients of the protocol before June 2025: they look for it at the edge.
 * Undefined while the issuer can't be reached. Safe to retry.
 */
export async function issuerMetadata(options: IssuerKeysOptions): Promise<object | undefined> {
  const { issuer } = options;
  const send = fetchFromIssuer(options);
  for (const url of metadataUrls(issuer)) {
    const found = await read(url, send).catch(() => undefined);
    if (found !== undefined && 'issuer' in found && found.issuer === issuer) return found;
  }
  return undefined;
}

async function read(url: string, send: typeof fetch): Promise<object | undefined> {
  const response = await send(url, { redirect: 'error', signal: AbortSignal.timeout(LIMIT_MS) });
  const length = Number(response.headers.get('content-length') ?? 0);
  if (!response.ok || length > MAX_BYTES) {
    await response.body?.cancel();
    return undefined;
  }
  const found: unknown = await response.json();
  return typeof found === 'object' && found !== null ? found : undefined;
}
