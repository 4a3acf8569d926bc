import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestId } from '@modelcontextprotocol/client';
import { isRecord } from '../records.js';
import { oddResultOf, quoted, unusable } from './unusable-answers.js';

/** Of the body of a refusal, bytes; a person reads it. */
const MAX_REFUSAL_BYTES = 16 * 1_024;

/** The idempotency key of the call under way, for the HTTP header. */
export const currentKey = new AsyncLocalStorage<string | undefined>();

/**
 * `send` for MCP over HTTP that takes in no answer above `maxBytes`, counted as they are once unpacked. An answer that is
 * too large, or that is no JSON, arrives as the JSON-RPC error of its request: the call has been answered.
 */
export function boundedFetch(maxBytes: number, send: typeof fetch) {
  return async (url: string | URL, init?: RequestInit): Promise<Response> => {
    const response = await send(url, withIdempotencyKey(init));
    const { body } = response;
    if (body === null) return response;
    const id = requestIdOf(init?.body);
    if (!response.ok) return rebuilt(response, await readUpTo(body, MAX_REFUSAL_BYTES));
    if (isEventStream(response)) {
      return new Response(body.pipeThrough(eachEventUpTo(maxBytes, id)), headOf(response));
    }
    if (id === undefined || response.status === 202) {
      return rebuilt(response, await readUpTo(body, MAX_REFUSAL_BYTES));
    }
    const bytes = await readUpTo(body, maxBytes + 1);
    const text = bytes.length > maxBytes ? tooLarge(id, maxBytes) : usable(bytes, id);
    const head = headOf(response);
    head.headers.set('content-type', 'application/json');
    return new Response(text, head);
  };
}

function usable(bytes: Buffer, id: RequestId): string {
  const text = bytes.toString();
  try {
    const answer: unknown = JSON.parse(text);
    if (Array.isArray(answer)) return text;
    if (isRecord(answer) && answer['jsonrpc'] === '2.0') {
      const odd = oddResultOf(answer);
      return odd === undefined ? text : JSON.stringify(odd);
    }
  } catch {
    // It is said below.
  }
  return JSON.stringify(unusable(id, `the answer is no JSON-RPC: ${quoted(text)}`));
}

function tooLarge(id: RequestId, maxBytes: number): string {
  return JSON.stringify(unusable(id, `answer larger than ${maxBytes} bytes`));
}

/** Ends the stream at an event that is too large; the request that it answers is told so. */
function eachEventUpTo(maxBytes: number, id: RequestId | undefined) {
  let size = 0;
  let last = 0;
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      for (const byte of chunk) {
        size = byte === LINE_FEED && last === LINE_FEED ? 0 : size + 1;
        if (byte !== CARRIAGE_RETURN) last = byte;
        if (size <= maxBytes) continue;
        const said = id === undefined ? '' : `event: message\ndata: ${tooLarge(id, maxBytes)}\n\n`;
        controller.enqueue(Buffer.from(`\n\n${said}`));
        controller.terminate();
        return;
      }
      controller.enqueue(chunk);
    },
  });
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

async function readUpTo(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

const rebuilt = (response: Response, body: Buffer) =>
  new Response(body.length === 0 ? null : new Uint8Array(body), headOf(response));

/** What is unpacked is no longer as long as the headers say. */
function headOf({ status, statusText, headers }: Response) {
  const kept = new Headers(headers);
  for (const name of ['content-encoding', 'content-length']) kept.delete(name);
  return { status, statusText, headers: kept };
}

function isEventStream({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/event-stream') === true;
}

function requestIdOf(body: unknown): RequestId | undefined {
  if (typeof body !== 'string') return undefined;
  const { id } = JSON.parse(body) as { readonly id?: RequestId };
  return id;
}

function withIdempotencyKey(init: RequestInit | undefined): RequestInit | undefined {
  const key = currentKey.getStore();
  if (key === undefined) return init;
  const headers = new Headers(init?.headers);
  headers.set('Idempotency-Key', key);
  return { ...init, headers };
}
