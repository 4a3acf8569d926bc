import { OAuthClientFlowError } from '@modelcontextprotocol/client';
import { isRecord } from '../records.js';

type Send = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Of one answer, unpacked: descriptions of large vendors have some ten thousand. */
const MAX_BYTES = 256 * 1_024;
const LIMIT_MS = 15_000;

export interface AuthorizationFetchOptions {
  /** Of the tool server. */
  readonly url: string;
  /** Sent along to the tool server alone. */
  readonly headers: Readonly<Record<string, string>>;
  readonly send: Send;
  /** Longest that an answer may take, whole. Default: 15,000. */
  readonly limitMs?: number;
}

/** A fetch for what is asked around a login: answers are small and come soon, else the login fails and says so. */
export function authorizationFetch(options: AuthorizationFetchOptions): Send {
  const { origin } = new URL(options.url);
  const { headers: own, send, limitMs = LIMIT_MS } = options;
  return async (asked, init) => {
    const url = new URL(asked);
    const headers = new Headers(init?.headers);
    if (url.origin === origin) {
      for (const [name, value] of Object.entries(own)) {
        if (!headers.has(name)) headers.set(name, value);
      }
    }
    const signal = AbortSignal.timeout(limitMs);
    try {
      const response = await send(url, { ...init, headers, signal });
      return await bounded(response, url);
    } catch (error) {
      if (!signal.aborted) throw error;
      const seconds = limitMs / 1_000;
      throw new OAuthClientFlowError(`${url.host} has not answered within ${seconds} s`);
    }
  };
}

async function bounded(response: Response, url: URL): Promise<Response> {
  const { status, statusText, headers } = response;
  if (headers.get('content-type')?.startsWith('text/event-stream') === true) {
    // It may have no end, and says nothing here.
    await response.body?.cancel();
    return new Response(null, { status, statusText, headers });
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body: AsyncIterable<Uint8Array> | readonly Uint8Array[] = response.body ?? [];
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BYTES) {
      throw new OAuthClientFlowError(`${url.host} answers with more than ${MAX_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  const text = withUsableLifetime(Buffer.concat(chunks).toString());
  return new Response(text === '' ? null : text, { status, statusText, headers });
}

/** A lifetime that is none does not make a token useless: then the server says when it is over. */
function withUsableLifetime(text: string): string {
  if (!text.includes('"expires_in"')) return text;
  try {
    const answer: unknown = JSON.parse(text);
    if (!isRecord(answer) || !('access_token' in answer)) return text;
    const { expires_in: given, ...rest } = answer;
    const seconds = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
    const isUsable = typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0;
    return JSON.stringify(isUsable ? { ...rest, expires_in: seconds } : rest);
  } catch {
    return text;
  }
}
