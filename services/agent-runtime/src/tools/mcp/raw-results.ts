import type { JSONRPCMessage, RequestId, Transport } from '@modelcontextprotocol/client';

/** Results that are read here, leniently, and not by the client, which refuses a whole result for one odd field. */
const STAND_INS: Readonly<Record<string, object>> = {
  'tools/call': { content: [] },
  'tools/list': { tools: [], ttlMs: 0, cacheScope: 'private' },
  'resources/list': { resources: [], ttlMs: 0, cacheScope: 'private' },
  'resources/templates/list': { resourceTemplates: [], ttlMs: 0, cacheScope: 'private' },
  'resources/read': { contents: [], ttlMs: 0, cacheScope: 'private' },
  'prompts/list': { prompts: [], ttlMs: 0, cacheScope: 'private' },
  'prompts/get': { messages: [] },
  'tasks/get': {},
  'tasks/update': {},
  'tasks/cancel': {},
};
const RAW = 'skynet/raw';
/** Requests whose answer is awaited; one that never comes is forgotten. */
const MAX_AWAITED = 1_000;

/**
 * Lets results of lists, calls and reads through as the server sent them, to be read with `rawResult`. `heard`: something
 * came. Tells how many calls the server has not answered, also of those that nobody waits for any more.
 */
export function keepRawResults(transport: Transport, heard: () => void): () => number {
  const awaited = new Map<RequestId, string>();
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    if ('method' in message && 'id' in message && message.method in STAND_INS) {
      awaited.set(message.id, message.method);
      const [oldest] = awaited.keys();
      if (awaited.size > MAX_AWAITED && oldest !== undefined) awaited.delete(oldest);
    }
    return send(message, options);
  };
  // The client calls this before its own handler, with the same object.
  transport.onmessage = (message: JSONRPCMessage) => {
    heard();
    if ('method' in message || message.id === undefined) return;
    const method = awaited.get(message.id);
    awaited.delete(message.id);
    if (method === undefined || !('result' in message)) return;
    const raw: unknown = message.result;
    message.result = { resultType: 'complete', ...STAND_INS[method], _meta: { [RAW]: raw } };
  };
  return () => [...awaited.values()].filter((method) => method === 'tools/call').length;
}

/** The result as the server sent it: anything. */
export function rawResult(result: { readonly _meta?: Readonly<Record<string, unknown>> }): unknown {
  return result._meta?.[RAW];
}
