import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock, type WorldError } from '@skynet/platform';
import { RemoteToolHost } from '@skynet/tool-host';
import { aServer } from '../../testing/registries.js';
import { McpToolServer } from './mcp-tool-server.adapter.js';

const MAX_BYTES = 20_000;
const inputSchema = { type: 'object' };
const nowhere = new RemoteToolHost({ path: '/nowhere' });
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Message {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly name?: string };
}
type Reply = (response: ServerResponse, message: Message) => void;

/** A server of 2025 with one session for each start, whose calls and lists are answered as told. */
class HttpTools {
  readonly seen: string[] = [];
  session = 'first';
  unknownStatus = 404;
  private server: Server | undefined;

  constructor(private readonly reply: Reply) {
    closing.push(() => this.stop());
  }

  async start(port = 0): Promise<string> {
    this.server = createServer((request, response) => void this.answer(request, response));
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/mcp`;
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Else a later request may meet the end of an old connection, and nobody knows what became of it.
    response.setHeader('connection', 'close');
    if (request.method !== 'POST') return void response.writeHead(405).end();
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const message = JSON.parse(body) as Message;
    this.seen.push(message.method);
    if (message.method === 'server/discover') return void response.writeHead(400).end();
    if (message.method === 'initialize') return this.greet(response, message);
    if (message.id === undefined) return void response.writeHead(202).end();
    if (request.headers['mcp-session-id'] !== this.session) {
      return void response.writeHead(this.unknownStatus).end('no valid session');
    }
    this.reply(response, message);
  }

  private greet(response: ServerResponse, { id }: Message): void {
    response.setHeader('mcp-session-id', this.session);
    const serverInfo = { name: 'http', version: '1' };
    const result = { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo };
    json(response, { id, result });
  }
}

function json(response: ServerResponse, message: object): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', ...message }));
}

const look: Reply = (response, { id, method }) =>
  json(response, {
    id,
    result:
      method === 'tools/list'
        ? { tools: [{ name: 'look', inputSchema }] }
        : { content: [{ type: 'text', text: 'seen' }] },
  });

function connect(url: string, fields: object = {}): McpToolServer {
  const entry = aServer({ url, maxAnswerBytes: MAX_BYTES, ...fields });
  const own = { folder: tmpdir(), hidden: [], hosts: nowhere };
  const options = { entry, ...own, clock: systemClock, log: silentLogger };
  const server = new McpToolServer('tools', options);
  closing.unshift(() => server.close());
  return server;
}

function call(server: McpToolServer, signal = new AbortController().signal) {
  return server.call({ tool: 'look', arguments: {}, timeoutMs: 10_000 }, signal);
}

const names = async (server: McpToolServer) => (await server.list()).tools.map(({ name }) => name);

describe('a server with sessions that was started again', () => {
  it.each([404, 400])('is greeted anew within the same call, when it says %i', async (status) => {
    const tools = new HttpTools(look);
    tools.unknownStatus = status;
    const server = connect(await tools.start());
    expect(await call(server)).toMatchObject({ content: 'seen' });
    tools.session = 'second';
    expect(await call(server)).toMatchObject({ content: 'seen' });
    tools.session = 'third';
    expect(await names(server)).toEqual(['look']);
  });
});

describe('a server that is away for a moment', () => {
  it('gets the call when it is back, and nothing is in doubt', async () => {
    const tools = new HttpTools(look);
    const url = await tools.start();
    const server = connect(url);
    await call(server);
    await tools.stop();
    const asked = call(server);
    await tools.start(Number(new URL(url).port));
    expect(await asked).toMatchObject({ content: 'seen', isError: false });
  });

  it('did surely not get a call when its host is unknown', async () => {
    const asked = call(connect('http://no-such-host.invalid/mcp'));
    await expect(asked).rejects.toMatchObject({ retry: 'later' });
  });
});

describe('a refusal', () => {
  it('is told with its status and its words', async () => {
    const tools = new HttpTools((response) => response.writeHead(401).end('token has expired'));
    const server = connect(await tools.start());
    const error = (await call(server).catch((reason: unknown) => reason)) as WorldError;
    expect(error).toMatchObject({ retry: 'later', message: 'tools: HTTP 401: token has expired' });
    const list = (await server.list().catch((reason: unknown) => reason)) as WorldError;
    expect(list.message).toContain('HTTP 401: token has expired');
  });

  it('of any length is cut', async () => {
    const tools = new HttpTools((response) => response.writeHead(403).end('x'.repeat(1_000_000)));
    const error = (await call(connect(await tools.start())).catch((e: unknown) => e)) as Error;
    expect(error.message.length).toBeLessThan(1_000);
  });
});

describe('an answer above the limit', () => {
  const text = 'x'.repeat(5 * MAX_BYTES);
  const large = ({ id }: Message) =>
    JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } });

  it.each<[string, Reply]>([
    [
      'as JSON',
      (response, message) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(large(message));
      },
    ],
    [
      'packed small',
      (response, message) => {
        const type = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
        response.writeHead(200, type).end(gzipSync(large(message)));
      },
    ],
    [
      'as an event',
      (response, message) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(`data: {"jsonrpc":"2.0","method":"notifications/message","params":{}}\n\n`);
        response.end(`event: message\ndata: ${large(message)}\n\n`);
      },
    ],
  ])('is one call that failed, %s', async (_, reply) => {
    const { content, isError } = await call(connect(await new HttpTools(reply).start()));
    expect(isError).toBe(true);
    expect(content).toContain(`larger than ${MAX_BYTES} bytes`);
  });

  it('is not one: many small events', async () => {
    const tools = new HttpTools((response, { id }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const line = `data: {"jsonrpc":"2.0","method":"notifications/message","params":{}}\r\n\r\n`;
      for (let n = 0; n < MAX_BYTES / 10; n += 1) response.write(line);
      const result = { content: [{ type: 'text', text: 'seen' }] };
      response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`);
    });
    expect(await call(connect(await tools.start()))).toMatchObject({ content: 'seen' });
  });
});

describe('an answer that can not be read', () => {
  it.each([
    ['null', '{"jsonrpc":"2.0","id":ID,"result":null}'],
    ['a text', '{"jsonrpc":"2.0","id":ID,"result":"done"}'],
    ['no JSON', 'done!'],
    ['no JSON-RPC', '{"done":true}'],
  ])('is an answer: %s', async (_, body) => {
    const tools = new HttpTools((response, { id }) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(body.replace('ID', String(id)));
    });
    const result = await call(connect(await tools.start()));
    expect(result.isError).toBe(true);
    expect(result.content).toMatch(/the (result|answer) is/);
  });
});
