import type { McpHttpHandler } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { WideNumbers } from './wide-numbers.js';

type Fetch = McpHttpHandler['fetch'];
type FetchOptions = Parameters<Fetch>[1];

const cancelSchema = z.object({
  method: z.literal('notifications/cancelled'),
  params: z.object({ requestId: z.union([z.string(), z.number()]) }),
});

export interface ClientMessagesOptions {
  /** Answers the messages. */
  readonly fetch: Fetch;
  /** Told when a client calls off one of its calls. */
  readonly onCancel: (id: string | number, options: FetchOptions) => void;
}

/** Reads what clients send before the SDK does, for what that does not take or does not tell. Bodies are bounded before. */
export class ClientMessages {
  constructor(private readonly options: ClientMessagesOptions) {}

  readonly fetch: Fetch = async (request, options) => {
    const { fetch } = this.options;
    if (request.method !== 'POST') return fetch(request, options);
    const text = await request.text();
    const wide = WideNumbers.mayBeIn(text) ? new WideNumbers() : undefined;
    const message = parsed(text, wide);
    // What is no JSON is answered by the SDK.
    if (message === undefined) return fetch(new Request(request, { body: text }), options);
    this.noteCancel(message, options);
    const response = await fetch(request, { ...options, parsedBody: message });
    return wide === undefined ? response : restored(response, wide);
  };

  private noteCancel(message: unknown, options: FetchOptions): void {
    const cancel = cancelSchema.safeParse(message);
    if (cancel.success) this.options.onCancel(cancel.data.params.requestId, options);
  }
}

function parsed(text: string, wide: WideNumbers | undefined): unknown {
  try {
    return wide === undefined ? JSON.parse(text) : wide.parse(text);
  } catch {
    return undefined;
  }
}

/** The SDK writes each message as a whole. */
function restored(response: Response, wide: WideNumbers): Response {
  const { body, status, headers } = response;
  if (body === null) return response;
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const restoring = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) =>
      controller.enqueue(encoder.encode(wide.restore(decoder.decode(chunk, { stream: true })))),
  });
  const own = new Headers(headers);
  own.delete('content-length');
  return new Response(body.pipeThrough(restoring), { status, headers: own });
}
