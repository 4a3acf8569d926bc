import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, RecordingAuditTrail } from '@skynet/testing';
import { agentIdNamed } from './testing/agent-rows.js';
import { startEdge, type RunningEdge } from './testing/running-edge.js';
import { startTestIssuer, type TestIssuer } from './testing/test-issuer.js';

const agentId = agentIdNamed('one');
const PAUSE = { name: 'pause_agent', arguments: { agentId } };
const PAUSING = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: PAUSE };

let issuer: TestIssuer;
let edge: RunningEdge;
let audit: RecordingAuditTrail;

beforeEach(async () => {
  issuer = await startTestIssuer();
  audit = new RecordingAuditTrail();
  const rates = {
    EDGE_BEHIND_PROXY: 'true',
    EDGE_RATE_PER_SECOND: '0.02',
    EDGE_RATE_BURST: '2',
    EDGE_RATE_UNKNOWN_PER_SECOND: '0.02',
    EDGE_RATE_UNKNOWN_BURST: '3',
    EDGE_BODY_LIMIT_BYTES: '1000',
  };
  edge = await startEdge(issuer.jwksUrl, rates, { audit });
});
afterEach(async () => {
  await edge.application.close();
  await issuer.stop();
});

async function post(
  token?: string,
  headers: Readonly<Record<string, string>> = {},
  body = JSON.stringify(PAUSING),
) {
  const response = await fetch(`${edge.url}/mcp`, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'x-forwarded-for': 'forged, 2001:db8::7',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body,
  });
  await response.text();
  return response.status;
}

const refused = { act: 'access', outcome: 'refused', address: '2001:db8::7' };
const unknown = { ...refused, principal: undefined, tenant: undefined, client: undefined };

describe('who is turned away leaves a record', () => {
  it.each([
    ['no token', [], 401, 'there is no bearer token'],
    ['no token at all', ['canary-secret'], 401, 'the token is no signed JWT'],
    ['another page', [undefined, { origin: 'https://evil.example' }], 403, expect.any(String)],
  ] as const)('%s', async (_, [token, headers], status, reason) => {
    expect(await post(token, headers)).toBe(status);
    expect(audit.acts).toEqual([{ ...unknown, reason }]);
    expect(JSON.stringify(audit.acts)).not.toContain('canary');
  });

  it('by a token that has expired, which itself is not in it', async () => {
    const token = await issuer.token('operator', { expiresAt: new Date(0) });
    expect(await post(token)).toBe(401);
    expect(audit.acts).toEqual([{ ...unknown, reason: expect.stringContaining('exp') }]);
    expect(JSON.stringify(audit.acts)).not.toContain(token.slice(-20));
  });

  it('too many of whom nobody knows', async () => {
    for (let each = 0; each < 3; each += 1) await post();
    expect(await post()).toBe(429);
    const reason = expect.stringContaining('more requests');
    expect(audit.acts.at(-1)).toEqual({ ...unknown, reason });
  });

  it('too many of a principal', async () => {
    const token = await issuer.token('operator', { claims: { azp: 'cursor' } });
    await post(token);
    await post(token);
    expect(await post(token)).toBe(429);
    const reason = expect.stringContaining('alice sends more requests');
    const who = { principal: 'alice', tenant: 'acme', client: 'cursor' };
    expect(audit.acts.at(-1)).toEqual({ ...refused, ...who, reason });
  });
});

describe('a call', () => {
  it.each([
    [{ client_id: 'ci', azp: 'other' }, 'ci'],
    [{ azp: 'cursor' }, 'cursor'],
    [{ client_id: 7 }, undefined],
    [{}, undefined],
  ])('is recorded with the client of a token with %j', async (claims, client) => {
    await post(await issuer.token('operator', { claims }));
    expect(audit.acts).toMatchObject([
      { act: 'pause_agent', outcome: 'allowed', address: '2001:db8::7', principal: 'alice' },
    ]);
    expect(audit.acts[0]?.client).toBe(client);
  });

  it('is recorded once, with its trace, when its token is not enough', async () => {
    const token = await issuer.token('operator', { claims: { scope: 'agents:read' } });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const params = { ...PAUSE, _meta: { traceparent } };
    expect(await post(token, {}, JSON.stringify({ ...PAUSING, params }))).toBe(403);
    const reason = 'pause_agent needs a token with the scope agents:control';
    const target = { kind: 'agent', id: agentId };
    expect(audit.acts).toMatchObject([
      { act: 'pause_agent', outcome: 'refused', reason, target, traceparent, principal: 'alice' },
    ]);
  });
});

describe('a message that is none', () => {
  const NO_MESSAGE = 'the body is no message that is taken';
  const deep = JSON.parse(`${'['.repeat(80)}"canary"${']'.repeat(80)}`) as unknown;
  const call = { ...PAUSING, params: { ...PAUSE, canary: deep } };

  interface Case {
    readonly it: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly status: number;
    readonly reason: string;
  }

  it.each<Case>([
    { it: 'is no JSON', body: '{"canary":', status: 400, reason: NO_MESSAGE },
    { it: 'is no JSON-RPC', body: '{"canary":1}', status: 400, reason: NO_MESSAGE },
    {
      it: 'says to be a text',
      headers: { 'content-type': 'text/canary' },
      status: 415,
      reason: 'the body is not JSON',
    },
    {
      it: 'wants an image',
      headers: { accept: 'image/canary' },
      status: 406,
      reason: 'no answer has the form that is wanted',
    },
    {
      it: 'is too long',
      body: JSON.stringify('canary'.repeat(200)),
      status: 413,
      reason: 'the body is too long',
    },
    { it: 'is too deep', body: JSON.stringify(deep), status: 400, reason: NO_MESSAGE },
    {
      it: 'is a call that is too deep',
      body: JSON.stringify(call),
      status: 200,
      reason: 'the message holds too much',
    },
  ])('leaves a record without its words: it $it', async ({ headers, body, status, reason }) => {
    const token = await issuer.token('operator', { claims: { azp: 'cursor' } });
    expect(await post(token, headers, body)).toBe(status);
    await eventually(() => expect(audit.acts).toHaveLength(1));
    const who = { principal: 'alice', tenant: 'acme', client: 'cursor' };
    expect(audit.acts).toEqual([{ ...refused, ...who, reason }]);
  });
});
