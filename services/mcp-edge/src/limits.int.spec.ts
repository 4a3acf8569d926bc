import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { startEdge, type RunningEdge } from './testing/running-edge.js';
import { startTestIssuer, type TestIssuer } from './testing/test-issuer.js';

let issuer: TestIssuer;
let edge: RunningEdge;

beforeEach(async () => {
  issuer = await startTestIssuer();
});
afterEach(async () => {
  await edge.application.close();
  await issuer.stop();
});

describe('a request that takes too long to arrive', () => {
  const begun = (token: string) =>
    `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n` +
    'Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n';

  async function open(sent: string): Promise<Socket> {
    const socket = connect(Number(new URL(edge.url).port), '127.0.0.1').setEncoding('utf8');
    await once(socket, 'connect');
    socket.write(sent);
    return socket;
  }

  beforeEach(async () => {
    edge = await startEdge(issuer.jwksUrl, { HTTP_REQUEST_SECONDS: '0.3' });
  });

  it.each([
    ['with a good token', () => issuer.token(), /^HTTP\/1\.1 408 /],
    ['with a bad one', () => 'none', /^HTTP\/1\.1 401 /],
  ])('is hung up %s', async (_which, token, said) => {
    const socket = await open(`${begun(await token())}Content-Length: 100\r\n\r\n{`);
    expect(await text(socket)).toMatch(said);
  });

  it('is hung up in the midst of a stream of answers, which goes on', async () => {
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const params = { notifications: { toolsListChanged: true }, _meta: meta };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params });
    const token = await issuer.token();
    const listening = await open(
      `${begun(token)}MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: subscriptions/listen\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    await once(listening, 'data');
    await text(await open(`${begun(token)}Content-Length: 100\r\n\r\n{`));
    expect(listening.readableEnded).toBe(false);
    listening.destroy();
  });
});

describe('a message with too much in it', () => {
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));
  const spawning = (metadata: object, meta: object = {}) => ({
    jsonrpc: '2.0',
    id: 'mine',
    method: 'tools/call',
    params: {
      name: 'spawn_agent',
      arguments: { task: { description: 'x' }, metadata },
      _meta: meta,
    },
  });
  const nested = JSON.parse('['.repeat(80) + ']'.repeat(80)) as object;

  async function post(message: object): Promise<Response> {
    const authorization = `Bearer ${await issuer.token()}`;
    const accept = 'application/json, text/event-stream';
    const headers = { authorization, accept, 'content-type': 'application/json' };
    return fetch(`${edge.url}/mcp`, { method: 'POST', headers, body: JSON.stringify(message) });
  }

  beforeEach(async () => {
    edge = await startEdge(issuer.jwksUrl);
  });

  it.each([
    ['keys in _meta', spawning({}, many(70_000)), '70000 of them in params._meta; 10000'],
    ['metadata', spawning(many(60_000)), '60000 of them in params.arguments.metadata; 10000'],
    ['depth', spawning({ a: nested }), '84 levels deep; 64'],
  ])(
    'is answered as a call that failed, before anything is done: %s',
    async (_what, body, said) => {
      const answer = await post(body);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toEqual({
        jsonrpc: '2.0',
        id: 'mine',
        error: {
          code: -32_602,
          message: expect.stringContaining(said),
          data: { code: 'INVALID_ARGUMENTS', next: expect.any(String) },
        },
      });
      expect(edge.owner.commands).toEqual([]);
    },
  );

  it.each([
    ['several at once', [spawning(many(6_000)), spawning(many(6_000))]],
    ['one that wants no answer', { jsonrpc: '2.0', method: 'x', params: many(20_000) }],
    ['one whose id is none', { ...spawning(many(20_000)), id: many(2) }],
  ])('is a bad request where nobody waits for one answer: %s', async (_which, body) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ id: null, error: { code: -32_602 } });
  });

  it('is refused too where it comes as text', async () => {
    const metadata = JSON.stringify(many(60_000)) as unknown as object;
    const answer = await post(spawning(metadata));
    const text = await answer.text();
    expect(text).toContain('INVALID_ARGUMENTS');
    expect(text).toContain('more than 10000 values');
    expect(edge.owner.commands).toEqual([]);
  });

  it('is told to clients of both kinds', async () => {
    const requestInit = { headers: { authorization: `Bearer ${await issuer.token()}` } };
    const url = new URL(`${edge.url}/mcp`);
    const info = { name: 'spec', version: '1' };
    const client = new Client(info, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
    const oldClient = new OldClient(info);
    await oldClient.connect(new OldTransport(url, { requestInit }));
    const call = { name: 'spawn_agent', arguments: { metadata: many(20_000) } };
    await expect(client.callTool(call)).rejects.toThrow('20000 of them');
    await expect(oldClient.callTool(call)).rejects.toThrow('20000 of them');
    await Promise.all([client.close(), oldClient.close()]);
  });
});
