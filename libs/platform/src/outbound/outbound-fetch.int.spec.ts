import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CERTIFICATE, startHttpsServer } from '@skynet/testing';
import { OutboundRefusedError, refusalIn } from './checked-lookup.js';
import { outboundFetch } from './outbound-fetch.js';
import { OutboundGuard, type OutboundGuardOptions } from './outbound-guard.js';

const advice = 'ask the operator';
const toServer = async () => [{ address: '127.0.0.1', family: 4 }];

let server: Server;
let port: number;
let connections: number;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  connections = 0;
  answer = (_request, response) => void response.end('here');
  server = createServer((request, response) => answer(request, response));
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const fetchWith = (options: Partial<OutboundGuardOptions> = {}) =>
  outboundFetch(new OutboundGuard({ advice, ...options }));
const written = (host: string) => `http://${host}:${port}/mcp`;
/** Fetches what the operator wrote. */
const fetchWritten = (host: string, init?: RequestInit, more: Partial<OutboundGuardOptions> = {}) =>
  fetchWith({ written: [written(host)], ...more })(written(host), init);

describe('a name', () => {
  it('that has an address inside is not connected to, and how to allow it is said', async () => {
    const got = fetchWritten('tools.test', undefined, { resolve: toServer });
    await expect(got).rejects.toThrow(
      'tools.test has an address that is not public; ask the operator',
    );
    await expect(got).rejects.toThrow(OutboundRefusedError);
    expect(connections).toBe(0);
  });

  it('is allowed by word', async () => {
    const got = await fetchWritten('tools.test', {}, { resolve: toServer, allowPrivate: true });
    expect(await got.text()).toBe('here');
  });

  it('is asked once: what was checked is what is connected to', async () => {
    let asked = 0;
    const resolve = async () => {
      asked += 1;
      return [{ address: asked === 1 ? '203.0.113.7' : '127.0.0.1', family: 4 }];
    };
    await expect(fetchWritten('tools.test', {}, { resolve })).rejects.toThrow('not public');
    expect([asked, connections]).toEqual([1, 0]);
  });

  it('of this machine is what the operator wrote, and no other', async () => {
    expect(await (await fetchWritten('localhost')).text()).toBe('here');
    const elsewhere = async () => [{ address: '10.0.0.1', family: 4 }];
    const other = fetchWritten('localhost', {}, { resolve: elsewhere });
    await expect(other).rejects.toThrow('not public');
    await expect(fetchWith()(written('localhost'))).rejects.toThrow('not public');
  });
});

describe('an address', () => {
  it('inside is reached when the operator wrote it, and that one only', async () => {
    expect(await (await fetchWritten('127.0.0.1')).text()).toBe('here');
    const other = fetchWith({ written: [written('127.0.0.2')] })(written('127.0.0.1'));
    await expect(other).rejects.toThrow('127.0.0.1 is not public');
  });

  it.each([
    '169.254.169.254',
    '[fd00:ec2::254]',
    '[::ffff:169.254.169.254]',
    '0.0.0.0',
    '[fe80::1]',
  ])('that a cloud answers at needs the explicit word: %s', async (host) => {
    await expect(fetchWritten(host)).rejects.toThrow('is not public');
  });
});

describe('a redirect', () => {
  const redirects = (status: number, location: string) => {
    answer = ({ url }, response) => {
      if (url === '/there') return void response.end('there');
      response.writeHead(status, { location }).end();
    };
  };

  it('within the origin is followed, with method and body where it says so', async () => {
    answer = (request, response) => {
      if (request.url === '/mcp') return void response.writeHead(307, { location: '/mcp/' }).end();
      response.write(`${request.method} `);
      request.pipe(response);
    };
    const got = await fetchWritten('127.0.0.1', { method: 'POST', body: 'hello' });
    expect(await got.text()).toBe('POST hello');
  });

  it('from outside to this machine is refused', async () => {
    redirects(307, `http://127.0.0.1:${port}/there`);
    const got = fetchWritten(
      'tools.test',
      { method: 'POST', body: 'x' },
      {
        resolve: toServer,
        allowPrivate: true,
      },
    );
    await expect(got).rejects.toThrow(/tools.test:\d+ redirects to http:\/\/127.0.0.1:\d+, which/);
    await expect(got).rejects.toThrow(OutboundRefusedError);
  });

  it('of a request that may not be sent again is the answer', async () => {
    redirects(302, '/there');
    expect((await fetchWritten('127.0.0.1', { method: 'POST', body: 'x' })).status).toBe(302);
  });

  it('is not followed for ever, nor when it must not be', async () => {
    redirects(302, '/mcp');
    await expect(fetchWritten('127.0.0.1')).rejects.toThrow('redirects');
    redirects(302, '/there');
    await expect(fetchWritten('127.0.0.1', { redirect: 'error' })).rejects.toThrow('redirects');
    expect((await fetchWritten('127.0.0.1', { redirect: 'manual' })).status).toBe(302);
  });
});

describe('a request', () => {
  it('goes with its headers, and comes back with those of the answer', async () => {
    answer = ({ headers }, response) => {
      response.writeHead(418, 'odd', { 'x-seen': String(headers['x-token']) }).end();
    };
    const got = await fetchWritten('127.0.0.1', { headers: { 'X-Token': 'mine' } });
    expect([got.status, got.statusText, got.headers.get('x-seen')]).toEqual([418, 'odd', 'mine']);
  });

  it('is unpacked', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed'));
    };
    const got = await fetchWritten('127.0.0.1');
    expect([await got.text(), got.headers.get('content-encoding')]).toEqual(['packed', null]);
  });

  it('that is given up ends before and within its answer', async () => {
    const abort = new AbortController();
    answer = (_request, response) => void response.write('first');
    const got = await fetchWritten('127.0.0.1', { signal: abort.signal });
    const reader = got.body?.getReader();
    await reader?.read();
    abort.abort(new Error('enough'));
    await expect(reader?.read()).rejects.toThrow('enough');
    await expect(fetchWritten('127.0.0.1', { signal: abort.signal })).rejects.toThrow('enough');
    answer = () => undefined;
    const silent = fetchWritten('127.0.0.1', { signal: AbortSignal.timeout(50) });
    await expect(silent).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('that nobody takes fails as that of fetch does', async () => {
    const url = written('127.0.0.1');
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    const error: unknown = await fetchWith({ written: [url] })(url).catch((e: unknown) => e);
    expect(error).toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNREFUSED' } });
    expect(refusalIn(error)).toBeUndefined();
    server.listen(0);
  });

  it('over TLS is for the name, at the address that was checked', async () => {
    const https = await startHttpsServer((_request, response) => void response.end('safe'));
    const guard = new OutboundGuard({ advice, allowPrivate: true, resolve: toServer });
    const secure = outboundFetch(guard, { ca: CERTIFICATE });
    expect(await (await secure(`https://client.test:${https.port}/`)).text()).toBe('safe');
    await expect(secure(`https://other.test:${https.port}/`)).rejects.toThrow('fetch failed');
    await https.stop();
  });
});
