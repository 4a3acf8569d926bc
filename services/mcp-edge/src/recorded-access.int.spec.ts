import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RecordingAuditTrail } from '@skynet/testing';
import { agentIdNamed } from './testing/agent-rows.js';
import { startEdge, type RunningEdge } from './testing/running-edge.js';
import { startTestIssuer, type TestIssuer } from './testing/test-issuer.js';

const agentId = agentIdNamed('one');
const PAUSE = { name: 'pause_agent', arguments: { agentId } };

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
  };
  edge = await startEdge(issuer.jwksUrl, rates, { audit });
});
afterEach(async () => {
  await edge.application.close();
  await issuer.stop();
});

async function post(token?: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${edge.url}/mcp`, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'x-forwarded-for': 'forged, 2001:db8::7',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: PAUSE }),
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

  it('is recorded once when its token is not enough', async () => {
    expect(await post(await issuer.token('operator', { claims: { scope: 'agents:read' } }))).toBe(
      403,
    );
    const reason = 'pause_agent needs a token with the scope agents:control';
    const target = { kind: 'agent', id: agentId };
    expect(audit.acts).toMatchObject([
      { act: 'pause_agent', outcome: 'refused', reason, target, principal: 'alice' },
    ]);
  });
});
