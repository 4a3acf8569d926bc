import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exportSPKI, generateKeyPair, UnsecuredJWT } from 'jose';
import type { CommandEnvelope } from '@skynet/contracts';
import { agentRow, TENANT } from './testing/agent-rows.js';
import { listen, stopListening } from './mcp-edge-application.js';
import { startEdge, type RunningEdge } from './testing/running-edge.js';
import { accepted } from './testing/scripted-owner.js';
import { AUDIENCE, ISSUER, startTestIssuer, type TestIssuer } from './testing/test-issuer.js';

const METADATA_URL = 'https://edge.example/.well-known/oauth-protected-resource/mcp';
const WHERE_TO_ASK = `resource_metadata="${METADATA_URL}", scope="agents:read agents:spawn agents:control"`;
const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const LIST_TEXT = JSON.stringify(LIST);

let issuer: TestIssuer;
let edge: RunningEdge;

beforeEach(async () => {
  issuer = await startTestIssuer();
  edge = await startEdge(issuer.jwksUrl, { EDGE_ALLOWED_ORIGINS: 'localhost,app.example' });
});
afterEach(async () => {
  await edge.application.close();
  await issuer.stop();
});

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends what `fetch` would not: any Host, any Origin, bodies without a length. */
async function send(sent: Sent): Promise<Answered> {
  const { method = 'POST', path = '/mcp', headers = {}, body = LIST_TEXT, signal } = sent;
  const { hostname, port } = new URL(edge.url);
  const hasBody = method !== 'GET';
  const length = headers['transfer-encoding'] ? {} : { 'content-length': Buffer.byteLength(body) };
  const request = httpRequest({
    hostname,
    port,
    path,
    method,
    signal,
    headers: {
      accept: 'application/json, text/event-stream',
      ...(hasBody && { 'content-type': 'application/json', ...length }),
      ...headers,
    },
  });
  request.end(hasBody ? body : undefined);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

async function bearer(token?: string): Promise<Record<string, string>> {
  return { authorization: `Bearer ${token ?? (await issuer.token())}` };
}

function jsonOf({ text }: Answered): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>;
}

describe('a request without a good token', () => {
  const refusedTokens: readonly [string, () => Promise<string> | string][] = [
    ['no JWT', () => 'sesame'],
    ['more than a token', () => 'x'.repeat(9_000)],
    ['an expired one', () => issuer.token('operator', { expiresAt: new Date(Date.now() - 1_000) })],
    [
      'one for another audience',
      () => issuer.token('operator', { audience: 'https://edge.example' }),
    ],
    ['one of another issuer', () => issuer.token('operator', { issuer: 'https://auth.example/' })],
    ['one of another algorithm', () => issuer.token('operator', issuer.otherKey)],
    ['one that is no access token', () => issuer.token('operator', { header: { typ: 'JWT' } })],
    ['one with a role that does not exist', () => issuer.token('root' as never)],
    ['one without a tenant', () => issuer.token('operator', { claims: { tenant: undefined } })],
    [
      'one signed by somebody else',
      async () => issuer.token('operator', { key: (await generateKeyPair('ES256')).privateKey }),
    ],
    [
      'one signed with the public key as a secret',
      async () => {
        const key = new TextEncoder().encode(await exportSPKI(issuer.publicKey));
        return issuer.token('operator', { key, header: { alg: 'HS256' } });
      },
    ],
    [
      'one that is not signed',
      () =>
        new UnsecuredJWT({ tenant: TENANT, roles: ['admin'] })
          .setSubject('alice')
          .setIssuer(ISSUER)
          .setAudience(AUDIENCE)
          .setIssuedAt()
          .setExpirationTime('10m')
          .encode(),
    ],
  ];

  it.each(refusedTokens)(
    'is refused for %s, and told where to get a good one',
    async (_which, token) => {
      const answer = await send({ headers: await bearer(await token()) });
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe(
        `Bearer error="invalid_token", ${WHERE_TO_ASK}`,
      );
      expect(jsonOf(answer)).toEqual({
        code: 'UNAUTHENTICATED',
        message: expect.any(String),
        next: 'Send a valid bearer token.',
      });
    },
  );

  it.each([
    ['POST', '/mcp'],
    ['GET', '/mcp'],
    ['DELETE', '/mcp'],
    ['OPTIONS', '/mcp'],
    ['GET', '/'],
    ['GET', '/metrics'],
    ['GET', '/healthy'],
    ['GET', '/health/../mcp'],
    ['GET', '/%68ealth/../%6dcp'],
    ['GET', '/mcp?/health/live'],
  ])('reaches nothing: %s %s', async (method, path) => {
    const answer = await send({ method, path });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe(`Bearer ${WHERE_TO_ASK}`);
  });

  it('may carry a token in the query, which is not read', async () => {
    const answer = await send({ path: `/mcp?access_token=${await issuer.token()}` });
    expect(answer.status).toBe(401);
  });
});

describe('what everybody may read', () => {
  it.each(['', '/mcp'])('is how to get a token, at the well-known path %s', async (suffix) => {
    const answer = await send({
      method: 'GET',
      path: `/.well-known/oauth-protected-resource${suffix}`,
    });
    expect(answer.status).toBe(200);
    expect(jsonOf(answer)).toMatchObject({
      resource: AUDIENCE,
      authorization_servers: [ISSUER],
      bearer_methods_supported: ['header'],
      scopes_supported: ['agents:read', 'agents:spawn', 'agents:control'],
    });
  });

  it('is whether the service is well, under any name', async () => {
    const headers = { host: '10.0.0.7:7510' };
    const live = await send({ method: 'GET', path: '/health/live', headers });
    const ready = await send({ method: 'GET', path: '/health/ready', headers });
    expect([live.status, ready.status]).toEqual([200, 200]);
    expect(jsonOf(ready)).toMatchObject({ checks: { views: true, keys: true } });
  });

  it('is that the service is not ready while nobody answers for the views', async () => {
    edge.owner.stopServing();
    const ready = await send({ method: 'GET', path: '/health/ready' });
    expect(ready.status).toBe(503);
    expect(ready.text).toContain('"views":false');
  });
});

describe('the keys of the issuer', () => {
  it('are fetched once for many tokens', async () => {
    for (let count = 0; count < 5; count += 1) await send({ headers: await bearer() });
    expect(issuer.fetches()).toBe(1);
  });

  it('being out of reach is not the fault of the token', async () => {
    await issuer.stop();
    const answer = await send({ headers: await bearer() });
    expect(answer.status).toBe(503);
    expect(jsonOf(answer)).toMatchObject({ code: 'UNAVAILABLE' });
    const ready = await send({ method: 'GET', path: '/health/ready' });
    expect(ready.text).toContain('"keys":false');
  });
});

describe.each(['POST', 'GET', 'DELETE', 'OPTIONS'])('a %s that a foreign page caused', (method) => {
  it.each(['evil.example', 'evil.example:7510', 'localhost.evil.example'])(
    'is refused for the host %s',
    async (host) => {
      const answer = await send({ method, headers: { ...(await bearer()), host } });
      expect(answer.status).toBe(403);
      expect(jsonOf(answer)).toMatchObject({ code: 'FORBIDDEN', next: expect.any(String) });
    },
  );

  it.each(['http://evil.example', 'https://app.example.evil.example', 'null', 'file://'])(
    'is refused for the origin %s',
    async (origin) => {
      const answer = await send({ method, headers: { ...(await bearer()), origin } });
      expect(answer.status).toBe(403);
    },
  );
});

describe('a page that the operator allows', () => {
  it('may call', async () => {
    const origin = 'https://app.example';
    const answer = await send({ headers: { ...(await bearer()), origin } });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('spawn_agent');
  });
});

describe('a body', () => {
  const large = JSON.stringify({ ...LIST, params: { padding: 'x'.repeat(1024 * 1024) } });

  it.each([
    ['with its length', {}],
    ['without its length', { 'transfer-encoding': 'chunked' }],
  ])('over a mebibyte is refused, sent %s', async (_how, headers: Record<string, string>) => {
    const answer = await send({ headers: { ...(await bearer()), ...headers }, body: large });
    expect(answer.status).toBe(413);
    expect(jsonOf(answer)).toMatchObject({
      error: { message: expect.stringContaining('1048576') },
    });
  });

  it.each(['{"jsonrpc": "2.0", ', '', 'null'])(
    'that is no request is answered: %j',
    async (body) => {
      const answer = await send({ headers: await bearer(), body });
      expect(answer.status).toBe(400);
      expect(jsonOf(answer)).toMatchObject({ error: { code: expect.any(Number) } });
      expect(answer.text).not.toMatch(/\bat |node_modules|\.ts/);
    },
  );

  it('that is malformed is a parse error', async () => {
    const answer = await send({ headers: await bearer(), body: '{"jsonrpc"' });
    expect(jsonOf(answer)).toMatchObject({ error: { code: -32700 } });
  });
});

describe('a token', () => {
  it('stays at the door: neither log nor bus ever see it', async () => {
    const token = await issuer.token();
    const call = (name: string, input: object) => ({
      ...LIST,
      method: 'tools/call',
      params: { name, arguments: input },
    });
    const calls = [
      LIST,
      call('spawn_agent', { task: { description: 'x' } }),
      call('get_agent_status', { agentId: agentRow('a').agentId }),
      call('list_agents', {}),
      call('no_such_tool', {}),
    ];
    for (const each of calls)
      await send({ headers: await bearer(token), body: JSON.stringify(each) });
    await send({ headers: await bearer(`${token}x`) });
    const [, claims = '', signature = ''] = token.split('.');
    const seen = [edge.logged, edge.broker.published, edge.owner.questions].map((part) =>
      JSON.stringify(part),
    );
    for (const text of seen) {
      expect(text).not.toContain(claims);
      expect(text).not.toContain(signature);
    }
    expect(edge.owner.commands).toHaveLength(1);
  });
});

const MODERN_META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

function modernHeaders(method: string, name?: string): Record<string, string> {
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method };
  return name === undefined ? headers : { ...headers, 'mcp-name': name };
}

const eras: readonly [string, Record<string, string>, Record<string, unknown>][] = [
  ['2025', {}, {}],
  ['2026', modernHeaders('tools/call', 'wait_agent'), MODERN_META],
];

describe.each(eras)('a caller of %s that waits', (_era, headers, meta) => {
  let started: Promise<void>;
  let ended: Promise<void>;
  let sent: Sent;

  beforeEach(async () => {
    const row = agentRow('long');
    await edge.project(row);
    const onHint = edge.bus.onHint.bind(edge.bus);
    let end = (): void => undefined;
    ended = new Promise((resolve) => (end = resolve));
    started = new Promise((resolve) => {
      edge.bus.onHint = (subject, handler) => {
        const stop = onHint(subject, handler);
        resolve();
        return () => {
          stop();
          end();
        };
      };
    });
    const input = { agentId: row.agentId, timeoutSeconds: 45 };
    const params = { name: 'wait_agent', arguments: input, _meta: meta };
    sent = {
      headers: { ...(await bearer()), ...headers },
      body: JSON.stringify({ ...LIST, method: 'tools/call', params }),
    };
  });

  it('may hang up: the waiting ends, and the agent never hears of it', async () => {
    const caller = new AbortController();
    const waiting = send({ ...sent, signal: caller.signal });
    await started;
    caller.abort();
    await expect(waiting).rejects.toThrow('abort');
    await ended;
    expect(edge.owner.commands).toEqual([]);
  });

  it('is answered with what is known when the process ends', async () => {
    const waiting = send(sent);
    await started;
    await edge.application.close();
    expect((await waiting).text).toContain('"status":"running"');
  });
});

describe('a call under way when the process ends', () => {
  it('is still answered, and no further one is taken', async () => {
    const sent = new Promise<CommandEnvelope>((resolve) => {
      edge.owner.answer = (command) => {
        resolve(command);
        return undefined;
      };
    });
    const input = { task: { description: 'x' } };
    const params = { name: 'spawn_agent', arguments: input, _meta: MODERN_META };
    const answer = send({
      headers: { ...(await bearer()), ...modernHeaders('tools/call', 'spawn_agent') },
      body: JSON.stringify({ ...LIST, method: 'tools/call', params }),
    });
    const command = await sent;
    stopListening(edge.application);
    await expect(send({ headers: await bearer() })).rejects.toThrow('ECONNREFUSED');
    const closed = edge.application.close();
    // Time enough to end too early in.
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
    edge.owner.reply(accepted(command));
    expect((await answer).text).toContain('"status":"queued"');
    await closed;
  });
});

describe('an inherited socket', () => {
  it.each([4_000, Infinity])('is none at descriptor %s', async (listenFd) => {
    const config = { host: '127.0.0.1', port: 0, listenFd };
    await expect(listen(edge.application, config)).rejects.toThrow(
      `EDGE_LISTEN_FD: ${listenFd} is no socket that this process has inherited`,
    );
  });
});

describe('a stream of changes', () => {
  it('does not keep the process from ending', async () => {
    const response = await fetch(`${edge.url}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(await bearer()),
        ...modernHeaders('subscriptions/listen'),
      },
      body: JSON.stringify({
        ...LIST,
        method: 'subscriptions/listen',
        params: { notifications: { toolsListChanged: true }, _meta: MODERN_META },
      }),
    });
    expect(response.status).toBe(200);
    const whole = response.text();
    await edge.application.close();
    expect(await whole).toContain('jsonrpc');
  });
});
