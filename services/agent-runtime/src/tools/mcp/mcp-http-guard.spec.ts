import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '@skynet/platform';
import { RemoteToolHost } from '@skynet/tool-host';
import { aServer } from '../../testing/registries.js';
import { McpToolServer } from './mcp-tool-server.adapter.js';

const closing: (() => Promise<unknown> | void)[] = [];
const inside = async () => [{ address: '127.0.0.1', family: 4 }];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Answers tools/list of a server of 2025. */
const listing: RequestListener = (request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += String(chunk)));
  request.on('end', () => {
    const { id, method } = JSON.parse(body === '' ? '{}' : body) as { id?: number; method: string };
    if (request.method !== 'POST') return void response.writeHead(405).end();
    if (id === undefined) return void response.writeHead(202).end();
    if (method === 'server/discover') return void response.writeHead(400).end();
    const serverInfo = { name: 'http', version: '1' };
    const greeting = { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo };
    const list = { tools: [{ name: 'look', inputSchema: { type: 'object' } }] };
    response.writeHead(200, { 'content-type': 'application/json' });
    const result = method === 'initialize' ? greeting : list;
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  });
};

async function serve(listener: RequestListener) {
  const seen = { connections: 0 };
  const server = createServer(listener);
  server.on('connection', () => (seen.connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { seen, port: (server.address() as AddressInfo).port };
}

function connect(url: string, fields: object = {}): McpToolServer {
  const entry = aServer({ url, ...fields });
  const hosts = new RemoteToolHost({ path: '/nowhere' });
  const own = { folder: tmpdir(), hidden: [], hosts, resolve: inside };
  const options = { entry, ...own, clock: systemClock, log: silentLogger };
  const server = new McpToolServer('tools', options);
  closing.unshift(() => server.close());
  return server;
}

const names = async (server: McpToolServer) => (await server.list()).tools.map(({ name }) => name);

describe.each(['http', 'sse'])('a server over %s whose name leads inside', (transport) => {
  it('is not reached, and the reason says how to allow it', async () => {
    const { seen, port } = await serve(listing);
    const server = connect(`http://tools.test:${port}/mcp`, { transport });
    await expect(names(server)).rejects.toMatchObject({
      retry: 'later',
      message: expect.stringMatching(/tools.test has an address that is not public.*allowPrivate/),
    });
    expect(server.state).toMatchObject({ kind: 'failed', reason: expect.any(String) });
    const request = { tool: 'look', arguments: {}, timeoutMs: 10_000 };
    // Surely not delivered: nothing is in doubt.
    const call = server.call(request, new AbortController().signal);
    await expect(call).rejects.toMatchObject({ retry: 'later' });
    expect(seen.connections).toBe(0);
  });
});

describe('a server over HTTP', () => {
  it('is reached inside by word', async () => {
    const { port } = await serve(listing);
    const server = connect(`http://tools.test:${port}/mcp`, { allowPrivate: true });
    expect(await names(server)).toEqual(['look']);
  });

  it('that redirects to this machine is not followed', async () => {
    const target = await serve(listing);
    const { port } = await serve((request, response) => {
      request.resume();
      response.writeHead(307, { location: `http://127.0.0.1:${target.port}/mcp` }).end();
    });
    const server = connect(`http://tools.test:${port}/mcp`, { allowPrivate: true });
    await expect(names(server)).rejects.toThrow(
      /HTTP 307: Redirect to http:\/\/127.0.0.1:\d+\/mcp not followed/,
    );
    expect(target.seen.connections).toBe(0);
  });

  it('may redirect within itself', async () => {
    const { port } = await serve((request, response) => {
      if (request.url === '/mcp/') return listing(request, response);
      request.resume();
      response.writeHead(307, { location: '/mcp/' }).end();
    });
    expect(await names(connect(`http://127.0.0.1:${port}/mcp`))).toEqual(['look']);
  });
});
