import { outboundFetch, OutboundGuard, type Resolve } from '@skynet/platform';
import { z } from 'zod';

/** Where clients of the protocol before June 2025 look, on the host of the MCP server. */
export const ISSUER_METADATA_PATH = '/.well-known/oauth-authorization-server';

export interface IssuerOptions {
  readonly issuer: string;
  /** Default: what the issuer's metadata name. */
  readonly jwksUrl?: string;
  /** Whether names may lead to addresses that are not public. Default: false. */
  readonly issuerAllowPrivate?: boolean;
  /** Finds addresses. Default: the system's. */
  readonly resolve?: Resolve;
}

/** What is needed of the issuer can't be had now. */
class IssuerUnreachableError extends Error {
  override readonly name = 'IssuerUnreachableError';
}

const LIMIT_MS = 5_000;
const MAX_BYTES = 256 * 1_024;

const ofIssuer = z.looseObject({ issuer: z.string() });

/**
 * What the issuer says of itself (RFC 8414), for clients of the protocol before June 2025: they look for it at the edge.
 * Undefined while the issuer can't be reached. Safe to retry.
 */
export async function issuerMetadata(options: IssuerOptions): Promise<object | undefined> {
  return findMetadata(options.issuer, fetchFromIssuer(options), ofIssuer).catch(() => undefined);
}

/**
 * The first metadata of that very issuer that are as they must be.
 *
 * @throws IssuerUnreachableError that says of each place why it was not it; safe to retry
 */
export async function findMetadata<Found extends { readonly issuer: string }>(
  issuer: string,
  send: typeof fetch,
  schema: z.ZodType<Found>,
): Promise<Found> {
  const problems: string[] = [];
  for (const url of metadataUrls(issuer)) {
    const found = await read(url, send, schema).catch((error: unknown) => String(error));
    // Whoever may write to one of these places must not be able to name the keys of another issuer.
    if (typeof found !== 'string' && found.issuer === issuer) return found;
    problems.push(`${url}: ${typeof found === 'string' ? found : `is of ${found.issuer}`}`);
  }
  throw new IssuerUnreachableError(`no metadata of ${issuer}: ${problems.join('; ')}`);
}

/** Reaches the issuer, and nothing that is not public unless the operator says so. Answers that are too large are errors. */
export function fetchFromIssuer(options: IssuerOptions): typeof fetch {
  const { issuer, jwksUrl, issuerAllowPrivate: allowPrivate, resolve } = options;
  const written = jwksUrl === undefined ? [issuer] : [issuer, jwksUrl];
  const advice = 'set EDGE_ISSUER_ALLOW_PRIVATE=true if it may be reached';
  const send = outboundFetch(new OutboundGuard({ written, allowPrivate, advice, resolve }));
  return async (input, init) => {
    const response = await send(input, init);
    const { body, status, headers } = response;
    return new Response(body && body.pipeThrough(upTo(MAX_BYTES)), { status, headers });
  };
}

/** Counts what arrives, unpacked: what a header says of its length may be wrong or missing. */
function upTo(maxBytes: number): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes <= maxBytes) controller.enqueue(chunk);
      else controller.error(new Error(`the answer is larger than ${maxBytes} bytes`));
    },
  });
}

/** Where metadata may be, after RFC 8414 and OpenID Connect Discovery, in the order in which MCP clients look. */
function metadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const found = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  return [...new Set(found)];
}

async function read<Found>(
  url: string,
  send: typeof fetch,
  schema: z.ZodType<Found>,
): Promise<Found> {
  const response = await send(url, { redirect: 'error', signal: AbortSignal.timeout(LIMIT_MS) });
  if (response.ok) return schema.parse(await response.json());
  await response.body?.cancel();
  throw new Error(`HTTP ${response.status}`);
}
