import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
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
