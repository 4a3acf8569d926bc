import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Role, Scope } from '@skynet/contracts';
import { startEdge, type RunningEdge } from './testing/running-edge.js';
import { startTestIssuer, type TestIssuer } from './testing/test-issuer.js';

const METADATA_URL = 'https://edge.example/.well-known/oauth-protected-resource/mcp';
const MODERN = '2026-07-28';

let issuer: TestIssuer;
let edge: RunningEdge;

beforeEach(async () => {
  issuer = await startTestIssuer();
  edge = await startEdge(issuer.jwksUrl);
});
afterEach(async () => {
  await edge.application.close();
  await issuer.stop();
});

const tokenWith = (role: Role, ...scopes: readonly Scope[]) =>
  issuer.token(role, { claims: { scope: scopes.join(' ') } });

/** What a client of each era posts. */
const eras = {
  2025: (name: string, args: object) => ({
    headers: {},
    body: { params: { name, arguments: args } },
  }),
  2026: (name: string, args: object) => ({
    headers: {
      'mcp-protocol-version': MODERN,
      'mcp-method': 'tools/call',
      'mcp-name': name,
    },
    body: {
      params: {
        name,
        arguments: args,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': MODERN,
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    },
  }),
};

async function call(era: keyof typeof eras, name: string, token: string, args: object = {}) {
  const { headers, body } = eras[era](name, args);
  const response = await fetch(`${edge.url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', ...body }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe.each([2025, 2026] as const)('a client of %i whose token allows too little', (era) => {
  it('is told which scopes to ask for, and nothing is done', async () => {
    const token = await tokenWith('operator', 'agents:read');
    const answer = await call(era, 'spawn_agent', token, { task: { description: 'x' } });
    expect(answer.status).toBe(403);
    const challenge = answer.headers.get('www-authenticate');
    expect(challenge).toContain('error="insufficient_scope"');
    expect(challenge).toContain('scope="agents:spawn agents:read"');
    expect(challenge).toContain(`resource_metadata="${METADATA_URL}"`);
    expect(edge.owner.commands).toEqual([]);
  });

  it('may do what it allows', async () => {
    const answer = await call(era, 'list_agents', await tokenWith('operator', 'agents:read'));
    expect(answer.status).toBe(200);
  });

  it('is not sent for another token when its role is what is missing', async () => {
    const args = { task: { description: 'x' } };
    const answer = await call(era, 'spawn_agent', await tokenWith('viewer', 'agents:read'), args);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('FORBIDDEN');
    expect(edge.owner.commands).toEqual([]);
  });

  it('gains nothing by a scope beyond its role', async () => {
    const token = await tokenWith('viewer', 'agents:spawn', 'agents:admin');
    const answer = await call(era, 'spawn_agent', token, { task: { description: 'x' } });
    expect(answer.text).toContain('FORBIDDEN');
    expect(edge.owner.commands).toEqual([]);
  });
});

describe('a batch of calls', () => {
  it('does nothing that the token does not allow', async () => {
    const params = { name: 'spawn_agent', arguments: { task: { description: 'x' } } };
    const spawn = { jsonrpc: '2.0', id: 2, method: 'tools/call', params };
    const response = await fetch(`${edge.url}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await tokenWith('operator', 'agents:read')}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify([{ jsonrpc: '2.0', id: 1, method: 'tools/list' }, spawn]),
    });
    await response.text();
    expect(edge.owner.commands).toEqual([]);
  });
});
