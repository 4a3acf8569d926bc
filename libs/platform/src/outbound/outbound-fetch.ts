import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { pipeline, Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { OutboundRefusedError } from './checked-lookup.js';
import type { OutboundGuard } from './outbound-guard.js';

export interface OutboundFetchOptions {
  /** Certificate authorities, PEM. Default: those of Node. */
  readonly ca?: string;
  /** Default: 10,000. */
  readonly connectMs?: number;
}

/** Shorter than servers keep idle connections, so that a request seldom meets the end of one. */
const IDLE_MS = 4_000;
const CONNECT_MS = 10_000;
const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
/** The request is sent again as it was. */
const KEEPS_METHOD = [307, 308];
const WITHOUT_BODY = [204, 205, 304];
const DECODERS: ReadonlyMap<string, () => NodeJS.ReadWriteStream> = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);
const DEFAULT_HEADERS = {
  accept: '*/*',
  'accept-encoding': 'gzip, deflate, br',
  'user-agent': 'skynet-mcp',
};

interface Outgoing {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly signal?: AbortSignal;
}

/** The connection was not made in time. */
class ConnectTimeoutError extends Error {
  override readonly name = 'ConnectTimeoutError';
  readonly code = 'ERR_CONNECT_TIMEOUT';
}

/**
 * A fetch that reaches only what the guard lets it, at the very address that was checked. Redirects are followed within
 * the origin; one that leads elsewhere is refused, as headers would go along. Rejects as fetch does, with
 * OutboundRefusedError where the guard refuses.
 */
export function outboundFetch(
  guard: OutboundGuard,
  options: OutboundFetchOptions = {},
): typeof fetch {
  const sender = new Sender(guard, options);
  return async (input, init) => {
    const request = new Request(input, { ...init, signal: null });
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    signal?.throwIfAborted();
    return follow(sender, await outgoingOf(request, signal), request.redirect);
  };
}

async function outgoingOf(request: Request, signal: AbortSignal | undefined): Promise<Outgoing> {
  const { method, url } = request;
  const headers = { ...DEFAULT_HEADERS, ...Object.fromEntries(request.headers) };
  const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
  return { url: new URL(url), method, headers, body, signal };
}

async function follow(
  sender: Sender,
  first: Outgoing,
  redirect: Request['redirect'],
): Promise<Response> {
  let outgoing = first;
  for (let count = 0; ; count += 1) {
    const incoming = await sender.send(outgoing);
    const next = redirect === 'manual' ? undefined : nextOf(incoming, outgoing);
    if (next === undefined) return responseOf(incoming, outgoing.method);
    incoming.destroy();
    if (redirect === 'error' || count === MAX_REDIRECTS) {
      throw new TypeError(`fetch failed: ${outgoing.url.host} redirects`);
    }
    outgoing = { ...outgoing, url: next };
  }
}

class Sender {
  private readonly http: HttpAgent;
  private readonly https: HttpsAgent;
  private readonly connectMs: number;

  constructor(
    private readonly guard: OutboundGuard,
    { ca, connectMs = CONNECT_MS }: OutboundFetchOptions,
  ) {
    const means = { keepAlive: true, timeout: IDLE_MS, lookup: guard.lookup };
    this.http = new HttpAgent(means);
    this.https = new HttpsAgent({ ...means, ...(ca !== undefined && { ca }) });
    this.connectMs = connectMs;
  }

  send({ url, method, headers, body, signal }: Outgoing): Promise<IncomingMessage> {
    this.guard.checkUrl(url);
    const isSecure = url.protocol === 'https:';
    const [request, agent] = isSecure ? [httpsRequest, this.https] : [httpRequest, this.http];
    return new Promise((resolve, reject) => {
      const sent = request(url, { method, headers, agent });
      const abort = () => sent.destroy(reasonOf(signal));
      signal?.addEventListener('abort', abort, { once: true });
      const late = new ConnectTimeoutError(`no connection within ${this.connectMs} ms`);
      const timer = setTimeout(() => sent.destroy(late), this.connectMs);
      sent.on('socket', (socket) => {
        if (!socket.connecting) clearTimeout(timer);
        else socket.once(isSecure ? 'secureConnect' : 'connect', () => clearTimeout(timer));
      });
      sent.once('close', () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      });
      sent.once('response', (incoming) => {
        signal?.removeEventListener('abort', abort);
        endWith(incoming, signal);
        resolve(incoming);
      });
      // Not once: the end of a connection may also show after the answer.
      sent.on('error', (error) =>
        reject(signal?.aborted === true ? reasonOf(signal) : told(error)),
      );
      sent.end(body);
    });
  }
}

/** A body that is given up breaks off with the reason. */
function endWith(incoming: IncomingMessage, signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  const abort = () => incoming.destroy(reasonOf(signal));
  signal.addEventListener('abort', abort, { once: true });
  incoming.once('close', () => signal.removeEventListener('abort', abort));
}

function reasonOf(signal: AbortSignal | undefined): Error {
  return signal?.reason as Error;
}

function told(error: Error): Error {
  return error instanceof OutboundRefusedError
    ? error
    : new TypeError('fetch failed', { cause: error });
}

/** Where the answer leads; undefined when it is one itself. */
function nextOf(incoming: IncomingMessage, { url: from, method }: Outgoing): URL | undefined {
  const { statusCode = 0, headers } = incoming;
  const isFollowed = KEEPS_METHOD.includes(statusCode) || method === 'GET' || method === 'HEAD';
  if (!REDIRECTS.includes(statusCode) || headers.location === undefined || !isFollowed)
    return undefined;
  const next = URL.parse(headers.location, from.href);
  if (next?.origin === from.origin) return next;
  incoming.destroy();
  const where = next === null ? 'what is no URL' : next.origin.slice(0, 300);
  throw new OutboundRefusedError(`${from.host} redirects to ${where}, which is not followed`);
}

function responseOf(incoming: IncomingMessage, method: string): Response {
  const status = incoming.statusCode ?? 0;
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(incoming.headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  const head = { status, statusText: incoming.statusMessage, headers };
  if (method === 'HEAD' || WITHOUT_BODY.includes(status)) {
    incoming.resume();
    return new Response(null, head);
  }
  const body = decoded(incoming, headers);
  return new Response(Readable.toWeb(body) as ReadableStream<Uint8Array<ArrayBuffer>>, head);
}

/** The headers then say nothing of the packing. */
function decoded(incoming: IncomingMessage, headers: Headers): Readable {
  const decoder = DECODERS.get(headers.get('content-encoding')?.toLowerCase() ?? '')?.();
  if (decoder === undefined) return incoming;
  headers.delete('content-encoding');
  headers.delete('content-length');
  return pipeline(incoming, decoder, () => undefined) as unknown as Readable;
}
