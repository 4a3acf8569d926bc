import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SkynetClient } from './skynet-client.js';

let server: Server;
let retryAfter: string;

beforeEach(async () => {
  server = createServer((request, response) => {
    request.resume();
    response.writeHead(429, { 'retry-after': retryAfter, 'content-type': 'application/json' });
    response.end(JSON.stringify({ code: 'RATE_LIMITED', message: 'too many', next: 'wait' }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

describe('a command of somebody who has sent too much', () => {
  it('says so where it can not be waited for', async () => {
    retryAfter = '3600';
    const { port } = server.address() as AddressInfo;
    const mcp = `http://127.0.0.1:${port}/mcp`;
    const connecting = SkynetClient.connect({ mcp, token: 'x', source: 'the test' });
    await expect(connecting).rejects.toMatchObject({
      message: expect.stringContaining('too many requests'),
      code: 'EDGE_RATE_LIMITED',
    });
  });
});
