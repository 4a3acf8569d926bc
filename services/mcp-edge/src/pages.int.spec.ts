import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { post, startGuardedEdge, type GuardedEdge } from './testing/guarded-edge.js';

const PAGE = 'http://localhost:6274';
const METADATA = '/.well-known/oauth-protected-resource/mcp';
const ASKED = 'authorization,content-type,mcp-protocol-version,mcp-method';

let guarded: GuardedEdge;

beforeEach(async () => {
  guarded = await startGuardedEdge();
});
afterEach(() => guarded.stop());

/** What a browser asks before it sends what a page wants to send. It has no token. */
const preflight = (path: string, method: string, origin = PAGE) =>
  fetch(`${guarded.edge.url}${path}`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': ASKED,
    },
  });

const list = (headers: Record<string, string>, token?: string) =>
  post(guarded.edge.url, { body: { jsonrpc: '2.0', id: 1, method: 'tools/list' }, headers, token });

function allowed({ headers }: Response): string | null {
  return headers.get('access-control-allow-origin');
}

describe('a page of an allowed origin', () => {
  it.each([
    ['/mcp', 'POST'],
    ['/mcp', 'GET'],
    ['/mcp', 'DELETE'],
    [METADATA, 'GET'],
  ])('may ask first, without a token: %s %s', async (path, method) => {
    const answer = await preflight(path, method);
    expect([answer.status, await answer.text(), allowed(answer)]).toEqual([204, '', PAGE]);
    expect(answer.headers.get('access-control-allow-methods')).toContain(method);
    expect(answer.headers.get('access-control-allow-headers')).toBe(ASKED);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    expect(answer.headers.get('vary')).toBe('Origin');
  });

  it('reads where to get a token: in the refusal, and in the metadata', async () => {
    const refused = await list({ origin: PAGE });
    expect([refused.status, allowed(refused)]).toEqual([401, PAGE]);
    const readable = refused.headers.get('access-control-expose-headers') ?? '';
    expect(readable.split(', ')).toEqual(
      expect.arrayContaining(['WWW-Authenticate', 'Mcp-Session-Id', 'MCP-Protocol-Version']),
    );
    const metadata = await fetch(`${guarded.edge.url}${METADATA}`, { headers: { origin: PAGE } });
    expect([metadata.status, allowed(metadata)]).toEqual([200, PAGE]);
  });

  it('reads the answer to a call', async () => {
    const answer = await list({ origin: PAGE }, await guarded.issuer.token());
    expect([answer.status, allowed(answer)]).toEqual([200, PAGE]);
    expect(answer.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
    expect(await answer.text()).toContain('spawn_agent');
  });

  it('reaches nothing by a preflight that is none', async () => {
    const answer = await fetch(`${guarded.edge.url}/mcp`, {
      method: 'OPTIONS',
      headers: { origin: PAGE },
    });
    expect(answer.status).toBe(401);
  });
});

describe('a page of another origin', () => {
  it.each(['https://evil.example', 'https://localhost.evil.example', 'null'])(
    'may neither ask nor read: %s',
    async (origin) => {
      const answers = [
        await preflight('/mcp', 'POST', origin),
        await preflight(METADATA, 'GET', origin),
        await list({ origin }, await guarded.issuer.token()),
        await fetch(`${guarded.edge.url}${METADATA}`, { headers: { origin } }),
      ];
      for (const answer of answers) expect([answer.status, allowed(answer)]).toEqual([403, null]);
    },
  );
});

describe('a caller that is no page', () => {
  it('is told nothing about pages, but caches are', async () => {
    const answer = await list({}, await guarded.issuer.token());
    expect([answer.status, allowed(answer)]).toEqual([200, null]);
    expect(answer.headers.get('access-control-expose-headers')).toBeNull();
    expect(answer.headers.get('vary')).toBe('Origin');
  });
});
