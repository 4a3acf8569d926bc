import { ProtocolErrorCode, type McpHttpHandler } from '@modelcontextprotocol/server';
import { errorCodes } from '@skynet/contracts';
import { z } from 'zod';
import { excessOf, type MessageBounds } from './message-bounds.js';
import { WideNumbers } from './wide-numbers.js';

type Fetch = McpHttpHandler['fetch'];
type FetchOptions = Parameters<Fetch>[1];

const CANCEL = 'notifications/cancelled';
const cancelSchema = z.object({
  method: z.literal(CANCEL),
  params: z.object({ requestId: z.union([z.string(), z.number()]) }),
});

const requestSchema = z.object({
  method: z.string(),
  id: z.union([z.string(), z.int()]),
});

export interface ClientMessagesOptions {
  readonly bounds: MessageBounds;
  /** Answers the messages. */
  readonly fetch: Fetch;
  /** Told how many messages came at once. */
  readonly onBatch: (size: number, options: FetchOptions) => void;
  /** Told of a call with too much in it, which is answered with 200. */
  readonly onExcess: (options: FetchOptions) => void;
  /** Told when a client calls off one of its calls. */
  readonly onCancel: (id: string | number, options: FetchOptions) => void;
}

/** Reads what clients send before the SDK does, for what that does not take or does not tell. Bodies are bounded before. */
export class ClientMessages {
  constructor(private readonly options: ClientMessagesOptions) {}

  readonly fetch: Fetch = async (request, options) => {
    const { fetch, bounds } = this.options;
    if (request.method !== 'POST') return fetch(request, options);
    const text = await request.text();
    const excess = excessOf(text, bounds);
    if (excess !== undefined) {
      const answer = refused(text, excess);
      if (answer.ok) this.options.onExcess(options);
      return answer;
    }
    const wide = WideNumbers.mayBeIn(text) ? new WideNumbers() : undefined;
    const message = parsed(text, wide);
    // What is no JSON is answered by the SDK.
    if (message === undefined) return fetch(new Request(request, { body: text }), options);
    if (Array.isArray(message)) this.options.onBatch(message.length, options);
    this.noteCancel(message, options);
    const response = await fetch(request, { ...options, parsedBody: message });
    return wide === undefined ? response : restored(response);
  };

  private noteCancel(message: unknown, options: FetchOptions): void {
    // Most messages are calls; a failed parse costs more than all else here.
    if ((Object(message) as { readonly method?: unknown }).method !== CANCEL) return;
    const cancel = cancelSchema.safeParse(message);
    if (cancel.success) this.options.onCancel(cancel.data.params.requestId, options);
  }
}

/** As the answer to the request, so that its caller is told; where there is none to answer, the HTTP request has failed. */
function refused(text: string, message: string): Response {
  const { data: request } = requestSchema.safeParse(parsed(text, undefined));
  const data = { code: 'INVALID_ARGUMENTS', next: errorCodes.INVALID_ARGUMENTS };
  const error = { code: ProtocolErrorCode.InvalidParams, message, data };
  return Response.json(
    { jsonrpc: '2.0', id: request?.id ?? null, error },
    { status: request === undefined ? 400 : 200 },
  );
}

function parsed(text: string, wide: WideNumbers | undefined): unknown {
  try {
    return wide === undefined ? JSON.parse(text) : wide.parse(text);
  } catch {
    return undefined;
  }
}

/** The SDK writes each message as a whole. */
function restored(response: Response): Response {
  const { body, status, headers } = response;
  if (body === null) return response;
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const restoring = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) =>
      controller.enqueue(
        encoder.encode(WideNumbers.plain(decoder.decode(chunk, { stream: true }))),
      ),
  });
  const own = new Headers(headers);
  own.delete('content-length');
  return new Response(body.pipeThrough(restoring), { status, headers: own });
}
