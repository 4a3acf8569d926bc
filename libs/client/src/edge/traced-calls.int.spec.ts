import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { listAgentsTool, treeTraces, type TreeTrace } from '@skynet/contracts';
import { SkynetClient } from './skynet-client.js';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly _meta?: Readonly<Record<string, unknown>> };
}

const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), url: 'http://jaeger/x' };

let server: Server;
let client: SkynetClient;
let meta: Readonly<Record<string, unknown>> | undefined;
let called: Message[];

/** Enough of an edge to answer one tool. */
beforeEach(async () => {
  called = [];
  meta = treeTraces.toMeta(trace);
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const message = JSON.parse(body || '{}') as Message;
      const { id, method } = message;
      if (id === undefined) return response.writeHead(202).end();
      if (method === 'tools/call') called.push(message);
      const result = method === 'initialize' ? GREETING : { ...ANSWER, _meta: meta };
      response.setHeader('content-type', 'application/json');
      return response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const mcp = `http://127.0.0.1:${port}/mcp`;
  client = await SkynetClient.connect({ mcp, token: 'x', source: 'a test' });
});
afterEach(async () => {
  await client.close();
  server.closeAllConnections();
  server.close();
});

const GREETING = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: {} },
  serverInfo: { name: 'edge', version: '1' },
};
const ANSWER = { content: [], structuredContent: { agents: [] } };

async function heard(): Promise<TreeTrace[]> {
  const traces: TreeTrace[] = [];
  await client.call(listAgentsTool, {}, { onTrace: (found) => traces.push(found) });
  return traces;
}

it('the trace that an answer names is told to who wants to know', async () => {
  expect(await heard()).toEqual([trace]);
});

it.each([
  undefined,
  { 'skynet/trace': 7 },
  { 'skynet/trace': { ...trace, traceId: '../..' } },
  { 'skynet/trace': { ...trace, url: 'javascript:alert(1)' } },
])('none is told where none is named: %j', async (said) => {
  meta = said;
  expect(await heard()).toEqual([]);
});

it('an address that is told can do nothing to a terminal', async () => {
  meta = { 'skynet/trace': { ...trace, url: 'http://jaeger/\u001b[2J\u202e' } };
  const [found] = await heard();
  expect(found?.url).toBe('http://jaeger/%1B[2J%E2%80%AE');
});

it('a call goes on from the trace that it is made in', async () => {
  const traceContext = { traceparent: '00-trace', tracestate: 'a=b' };
  await client.call(listAgentsTool, {}, { traceContext });
  await client.call(listAgentsTool, {}, { traceContext: {} });
  const [first, second] = called.map(({ params }) => params?._meta ?? {});
  expect(first).toMatchObject(traceContext);
  expect(Object.keys(second ?? {})).not.toContain('traceparent');
});
