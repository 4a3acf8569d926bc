import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CERTIFICATE, startHttpsServer, type HttpsServer } from '@skynet/testing';
import { OutboundRefusedError } from './checked-lookup.js';
import { GuardedFetch } from './guarded-fetch.js';

let server: HttpsServer;
let answer: (path: string) => { status?: number; headers?: Record<string, string>; body?: string };
const anyPort = { ca: CERTIFICATE, allowsPort: () => true };
const toServer = async () => [{ address: '127.0.0.1', family: 4 }];

beforeEach(async () => {
  answer = () => ({});
  server = await startHttpsServer((request, response) => {
    const { status = 200, headers = {}, body = '{}' } = answer(request.url ?? '');
    response.writeHead(status, headers).end(body);
  });
});
afterEach(() => server.stop());

describe('a document of the public internet', () => {
  it('is fetched from the address that was checked', async () => {
    const guarded = new GuardedFetch({ ...anyPort, allows: () => true, resolve: toServer });
    answer = () => ({ body: '{"a":1}', headers: { 'cache-control': 'max-age=60' } });
    const response = await guarded.get(`https://client.test:${server.port}/doc.json`);
    expect(await response.json()).toEqual({ a: 1 });
    expect(response.headers.get('cache-control')).toBe('max-age=60');
  });

  it('must not be larger than 5 KiB', async () => {
    const guarded = new GuardedFetch({ ...anyPort, allows: () => true, resolve: toServer });
    answer = () => ({ body: 'x'.repeat(5 * 1024 + 1) });
    await expect(guarded.get(`https://client.test:${server.port}/`)).rejects.toThrow('bytes');
  });

  it('is not looked for where it redirects to', async () => {
    const guarded = new GuardedFetch({ ...anyPort, allows: () => true, resolve: toServer });
    const paths: string[] = [];
    answer = (path) => {
      paths.push(path);
      return { status: 302, headers: { location: `https://client.test:${server.port}/inside` } };
    };
    expect((await guarded.get(`https://client.test:${server.port}/doc`)).status).toBe(302);
    expect(paths).toEqual(['/doc']);
  });
});

describe('an address inside', () => {
  it.each([
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/latest/meta-data',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://127。0。0。1/',
    'https://10.0.0.1/',
  ])('is not connected to as %s', async (url) => {
    const guarded = new GuardedFetch({ ca: CERTIFICATE });
    await expect(guarded.get(url)).rejects.toThrow('is not a public address');
  });

  it.each([
    ['its only address', ['127.0.0.1']],
    ['one of its addresses', ['93.184.216.34', '169.254.169.254']],
    ['its IPv6 address', ['::1']],
  ])('is not connected to as %s of a name', async (_what, addresses) => {
    const resolve = async () =>
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    const guarded = new GuardedFetch({ ...anyPort, resolve });
    const got = guarded.get(`https://inside.test:${server.port}/`);
    await expect(got).rejects.toThrow(OutboundRefusedError);
    expect(server.connections()).toBe(0);
  });

  it('is not connected to when the system resolves a name to it', async () => {
    const guarded = new GuardedFetch(anyPort);
    const got = guarded.get(`https://localhost:${server.port}/`);
    await expect(got).rejects.toThrow('is not a public address');
    expect(server.connections()).toBe(0);
  });

  it('is not connected to by a name that changes its mind: it is asked once', async () => {
    let asked = 0;
    const resolve = async () => {
      asked += 1;
      return [{ address: asked === 1 ? '203.0.113.7' : '127.0.0.1', family: 4 }];
    };
    const allows = (address: string) => address === '203.0.113.7';
    const guarded = new GuardedFetch({ ...anyPort, allows, resolve });
    const got = guarded.get(`https://inside.test:${server.port}/`, AbortSignal.timeout(200));
    await expect(got).rejects.toThrow();
    expect([asked, server.connections()]).toEqual([1, 0]);
  });
});

describe('a URL of another kind', () => {
  it.each([
    'http://client.test/',
    'file:///etc/passwd',
    'https://user:password@client.test/',
    'https://client.test:8080/',
    `https://client.test/${'x'.repeat(2_048)}`,
    'not a URL',
  ])('%s is not fetched', async (url) => {
    await expect(new GuardedFetch().get(url)).rejects.toThrow(OutboundRefusedError);
  });
});
