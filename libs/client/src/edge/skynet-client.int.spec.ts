import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { listAgentsTool } from '@skynet/contracts';
import { SkynetClient } from './skynet-client.js';

let server: Server;
let good: string;
let sent: (string | undefined)[];

/** Enough of an edge to be refused by: it knows one good token. */
beforeEach(async () => {
  [good, sent] = ['first', []];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { authorization } = request.headers;
      if (body.includes('tools/call')) sent.push(authorization);
      if (authorization !== `Bearer ${good}`) {
        response.writeHead(401, { 'content-type': 'application/json' }).end('{}');
        return;
      }
      const { id, method } = JSON.parse(body || '{}') as { id?: number; method?: string };
      if (id === undefined) {
        response.writeHead(202).end();
        return;
      }
      const result = answerTo(method);
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function answerTo(method: string | undefined): object {
  if (method === 'initialize') {
    const serverInfo = { name: 'edge', version: '1' };
    return { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo };
  }
  return { content: [], structuredContent: { agents: [] } };
}

function connect(renew: () => Promise<string>): Promise<SkynetClient> {
  const { port } = server.address() as AddressInfo;
  const mcp = `http://127.0.0.1:${port}/mcp`;
  return SkynetClient.connect({ mcp, token: 'first', source: 'a test', renew });
}

describe('a command that lasts longer than its token', () => {
  it('goes on with a new one', async () => {
    const client = await connect(() => Promise.resolve(good));
    expect(await client.call(listAgentsTool, {})).toEqual({ agents: [] });
    good = 'second';
    expect(await client.call(listAgentsTool, {})).toEqual({ agents: [] });
    await client.close();
  });

  it('is told when the new one is refused as well, and asks no third time', async () => {
    const client = await connect(() => Promise.resolve('wrong'));
    good = 'second';
    sent = [];
    await expect(client.call(listAgentsTool, {})).rejects.toMatchObject({
      message: expect.stringContaining('refuses the token') as unknown,
    });
    expect(sent).toEqual(['Bearer first', 'Bearer wrong']);
    await client.close();
  });

  it('is told why there is no new one', async () => {
    const client = await connect(() => Promise.reject(new Error('the login is over')));
    good = 'second';
    await expect(client.call(listAgentsTool, {})).rejects.toThrow('the login is over');
    await client.close();
  });
});
