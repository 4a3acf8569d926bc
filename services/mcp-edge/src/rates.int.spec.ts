import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { startEdge, type RunningEdge } from './testing/running-edge.js';
import { startTestIssuer, type TestIssuer } from './testing/test-issuer.js';

// So slow that nothing comes back while a test runs.
const RATES = {
  EDGE_RATE_PER_SECOND: '0.02',
  EDGE_RATE_BURST: '3',
  EDGE_RATE_UNKNOWN_PER_SECOND: '0.02',
  EDGE_RATE_UNKNOWN_BURST: '2',
};
const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

let issuer: TestIssuer;
let edge: RunningEdge;

beforeEach(async () => {
  issuer = await startTestIssuer();
  edge = await startEdge(issuer.jwksUrl, RATES);
});
afterEach(async () => {
  await edge.application.close();
  await issuer.stop();
});

interface Sent {
  readonly token?: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

function post({ token, body = LIST, headers }: Sent): Promise<Response> {
  return fetch(`${edge.url}/mcp`, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify(body),
  });
}

async function statuses(count: number, sent: Sent): Promise<number[]> {
  const all: number[] = [];
  for (let each = 0; each < count; each += 1) all.push((await post(sent)).status);
  return all;
}

const tokenOf = (subject: string, tenant = 'acme') =>
  issuer.token('operator', { subject, claims: { tenant } });

describe('a principal that asks too often', () => {
  it('is told when to come again', async () => {
    const token = await tokenOf('alice');
    expect(await statuses(3, { token })).toEqual([200, 200, 200]);
    const answer = await post({ token });
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(40);
    expect(await answer.json()).toEqual({
      code: 'RATE_LIMITED',
      message: expect.stringContaining('alice'),
      next: expect.stringContaining('Retry-After'),
    });
  });

  it('asks too often with another token too, and nobody else does', async () => {
    expect(await statuses(3, { token: await tokenOf('alice') })).toEqual([200, 200, 200]);
    expect(await statuses(1, { token: await tokenOf('alice') })).toEqual([429]);
    expect(await statuses(1, { token: await tokenOf('bob') })).toEqual([200]);
    expect(await statuses(1, { token: await tokenOf('alice', 'other') })).toEqual([200]);
  });

  it('may send several messages at once, which count as many', async () => {
    const token = await tokenOf('alice');
    const body = Array.from({ length: 5 }, (_, id) => ({ ...LIST, id }));
    expect((await post({ token, body })).status).toBe(200);
    expect(await statuses(1, { token })).toEqual([429]);
  });

  it.each(['new', 'old'])('is told so by a client of the %s kind', async (kind) => {
    const token = await tokenOf('alice');
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    const url = new URL(`${edge.url}/mcp`);
    const info = { name: 'spec', version: '1' };
    const client = kind === 'new' ? new Client(info) : new OldClient(info);
    const transport = kind === 'new' ? StreamableHTTPClientTransport : OldTransport;
    await client.connect(new transport(url, { requestInit }));
    await statuses(3, { token });
    await expect(client.listTools()).rejects.toThrow('RATE_LIMITED');
    await client.close();
  });
});

describe('an address that nobody is known by', () => {
  it('may try so often only, and tokens are not looked at then', async () => {
    expect(await statuses(4, {})).toEqual([401, 401, 429, 429]);
    expect(await statuses(1, { token: 'x.y.z' })).toEqual([429]);
    const metadata = await fetch(`${edge.url}/.well-known/oauth-protected-resource/mcp`);
    expect(metadata.status).toBe(429);
    expect(await metadata.json()).toMatchObject({ code: 'RATE_LIMITED' });
  });

  it('is still asked how it is', async () => {
    await statuses(4, {});
    expect((await fetch(`${edge.url}/health/live`)).status).toBe(200);
  });

  it('is where others go on, whose tokens are known', async () => {
    const token = await tokenOf('alice');
    expect(await statuses(1, { token })).toEqual([200]);
    expect(await statuses(4, {})).toEqual([401, 401, 429, 429]);
    expect(await statuses(1, { token })).toEqual([200]);
  });

  it('may bring any number of good tokens', async () => {
    for (const name of ['a', 'b', 'c', 'd']) {
      expect(await statuses(1, { token: await tokenOf(name) })).toEqual([200]);
    }
  });

  it('is not the one that it says it is', async () => {
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    expect(await statuses(2, from('192.0.2.1'))).toEqual([401, 401]);
    expect(await statuses(1, from('192.0.2.2'))).toEqual([429]);
  });

  it('is the one that a proxy says it is, where there is one', async () => {
    await edge.application.close();
    edge = await startEdge(issuer.jwksUrl, { ...RATES, EDGE_BEHIND_PROXY: 'true' });
    const from = (address: string) => ({
      headers: { 'x-forwarded-for': `198.51.100.1, ${address}` },
    });
    expect(await statuses(3, from('192.0.2.1'))).toEqual([401, 401, 429]);
    expect(await statuses(1, from('192.0.2.2'))).toEqual([401]);
  });
});
