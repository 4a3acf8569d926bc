import { outboundFetch, OutboundGuard, type Resolve } from '@skynet/platform';
import { createRemoteJWKSet, customFetch, type RemoteJWKSet } from 'jose';
import { z } from 'zod';

export interface IssuerKeysOptions {
  readonly issuer: string;
  /** Default: what the issuer's metadata name. */
  readonly jwksUrl?: string;
  /** Whether names may lead to addresses that are not public. Default: false. */
  readonly issuerAllowPrivate?: boolean;
  /** Finds addresses. Default: the system's. */
  readonly resolve?: Resolve;
}

/** The keys of the issuer can't be had now. */
export class IssuerUnreachableError extends Error {
  override readonly name = 'IssuerUnreachableError';
}

const metadataSchema = z.object({
  issuer: z.string(),
  jwks_uri: z.url({ protocol: /^https?$/ }),
});

const LIMIT_MS = 5_000;

/** The keys that an issuer signs with, found through its metadata and fetched again when it rotates them. */
export class IssuerKeys {
  private finding: Promise<RemoteJWKSet> | undefined;

  private readonly fetch: typeof fetch;

  constructor(private readonly options: IssuerKeysOptions) {
    this.fetch = fetchFromIssuer(options);
  }

  /** @throws IssuerUnreachableError; safe to retry */
  keys(): Promise<RemoteJWKSet> {
    this.finding ??= this.find().catch((error: unknown) => {
      this.finding = undefined;
      throw error;
    });
    return this.finding;
  }

  /** @throws Error when there are no keys to verify tokens with */
  async check(): Promise<void> {
    const keys = await this.keys();
    if (!keys.fresh) await keys.reload();
  }

  private async find(): Promise<RemoteJWKSet> {
    const { issuer, jwksUrl } = this.options;
    const url = new URL(jwksUrl ?? (await jwksUrlOf(issuer, this.fetch)));
    return createRemoteJWKSet(url, { [customFetch]: this.fetch });
  }
}

/** Reaches the issuer, and nothing that is not public unless the operator says so. */
export function fetchFromIssuer(options: IssuerKeysOptions): typeof fetch {
  const { issuer, jwksUrl, issuerAllowPrivate: allowPrivate, resolve } = options;
  const written = jwksUrl === undefined ? [issuer] : [issuer, jwksUrl];
  const advice = 'set EDGE_ISSUER_ALLOW_PRIVATE=true if it may be reached';
  return outboundFetch(new OutboundGuard({ written, allowPrivate, advice, resolve }));
}

/** Where metadata may be, after RFC 8414 and OpenID Connect Discovery, in the order in which MCP clients look. */
export function metadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const found = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  return [...new Set(found)];
}

async function jwksUrlOf(issuer: string, send: typeof fetch): Promise<string> {
  const problems: string[] = [];
  for (const url of metadataUrls(issuer)) {
    const found = await readMetadata(url, send).catch((error: unknown) => String(error));
    // Whoever may write to one of these places must not be able to name the keys of another issuer.
    if (typeof found !== 'string' && found.issuer === issuer) return found.jwks_uri;
    problems.push(`${url}: ${typeof found === 'string' ? found : `is of ${found.issuer}`}`);
  }
  throw new IssuerUnreachableError(`no metadata of ${issuer}: ${problems.join('; ')}`);
}

async function readMetadata(
  url: string,
  send: typeof fetch,
): Promise<z.infer<typeof metadataSchema>> {
  const response = await send(url, { redirect: 'error', signal: AbortSignal.timeout(LIMIT_MS) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return metadataSchema.parse(await response.json());
}
