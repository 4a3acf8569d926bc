import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { isIP } from 'node:net';
import { checkedLookup, OutboundRefusedError, type Resolve } from './checked-lookup.js';
import { isPublicAddress } from './public-address.js';

export interface GuardedFetchOptions {
  /** Whether an address may be connected to. Default: those of the public internet. */
  readonly allows?: (address: string) => boolean;
  /** Default: the system's. */
  readonly resolve?: Resolve;
  /** Certificate authorities, PEM. Default: those of Node. */
  readonly ca?: string;
  /** Default: 443 only. */
  readonly allowsPort?: (port: number) => boolean;
}

const LIMIT_BYTES = 5 * 1024;
const LIMIT_MS = 3_000;
const LONGEST_URL = 2_048;
const HTTPS_PORT = 443;

/**
 * Fetches a small document that a stranger named: https only, from public addresses only, each connection to the very
 * address that was checked, without following redirects, 5 KiB and 3 s at most. Safe to retry. What refuses it is for the
 * log, never for the caller: it says what there is inside.
 */
export class GuardedFetch {
  constructor(private readonly options: GuardedFetchOptions = {}) {}

  /** @throws OutboundRefusedError, or what the network failed with */
  async get(text: string, signal?: AbortSignal): Promise<Response> {
    const url = this.checked(text);
    const limit = AbortSignal.timeout(LIMIT_MS);
    const limited = signal === undefined ? limit : AbortSignal.any([signal, limit]);
    const incoming = await this.send(url, limited);
    const status = incoming.statusCode ?? 0;
    const { 'cache-control': cacheControl, 'content-type': contentType } = incoming.headers;
    const headers = new Headers();
    if (cacheControl !== undefined) headers.set('cache-control', cacheControl);
    if (contentType !== undefined) headers.set('content-type', contentType);
    return new Response(await bodyOf(incoming), { status, headers });
  }

  private checked(text: string): URL {
    const url = plainHttpsUrl(text);
    if (url === undefined) throw new OutboundRefusedError('not a plain https URL');
    const port = url.port === '' ? HTTPS_PORT : Number(url.port);
    const { allowsPort = (number: number) => number === HTTPS_PORT } = this.options;
    if (!allowsPort(port)) throw new OutboundRefusedError(`port ${port} is not allowed`);
    // A literal address is connected to without being looked up.
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(literal) !== 0) this.check(literal);
    return url;
  }

  private check(address: string): void {
    const { allows = isPublicAddress } = this.options;
    if (!allows(address)) throw new OutboundRefusedError(`${address} is not a public address`);
  }

  private send(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = request(
        url,
        {
          method: 'GET',
          headers: { accept: 'application/json', 'accept-encoding': 'identity' },
          agent: false,
          lookup: checkedLookup((address) => this.check(address), this.options.resolve),
          signal,
          ...(this.options.ca !== undefined && { ca: this.options.ca }),
        },
        resolve,
      );
      sent.once('error', reject);
      sent.end();
    });
  }
}

function plainHttpsUrl(text: string): URL | undefined {
  const url = text.length <= LONGEST_URL ? URL.parse(text) : null;
  const isPlain = url?.protocol === 'https:' && url.username === '' && url.password === '';
  return isPlain ? url : undefined;
}

async function bodyOf(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LIMIT_BYTES) {
      incoming.destroy();
      throw new OutboundRefusedError(`more than ${LIMIT_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
