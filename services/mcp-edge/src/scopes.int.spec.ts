import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Role, Scope } from '@skynet/contracts';
import { post, startGuardedEdge, toolCall, type GuardedEdge } from './testing/guarded-edge.js';

const METADATA_URL = 'https://edge.example/.well-known/oauth-protected-resource/mcp';
const MODERN = '2026-07-28';

let guarded: GuardedEdge;

beforeEach(async () => {
  guarded = await startGuardedEdge();
});
afterEach(() => guarded.stop());

const tokenWith = (role: Role, ...scopes: readonly Scope[]) =>
  guarded.issuer.token(role, { claims: { scope: scopes.join(' ') } });

/** What a client of each era sends beside the call. */
const eras = {
  2025: () => ({ headers: {}, meta: {} }),
  2026: (name: string) => ({
    headers: {
      'mcp-protocol-version': MODERN,
      'mcp-method': 'tools/call',
      'mcp-name': name,
    },
    meta: {
      'io.modelcontextprotocol/protocolVersion': MODERN,
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  }),
};

async function call(era: keyof typeof eras, name: string, token: string, args: object = {}) {
  const { headers, meta } = eras[era](name);
  const body = toolCall(name, args, { meta });
  const response = await post(guarded.edge.url, { body, token, headers });
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
    expect(guarded.edge.owner.commands).toEqual([]);
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
    expect(guarded.edge.owner.commands).toEqual([]);
  });

  it('gains nothing by a scope beyond its role', async () => {
    const token = await tokenWith('viewer', 'agents:spawn', 'agents:admin');
    const answer = await call(era, 'spawn_agent', token, { task: { description: 'x' } });
    expect(answer.text).toContain('FORBIDDEN');
    expect(guarded.edge.owner.commands).toEqual([]);
  });
});

describe('a batch of calls', () => {
  it('does nothing that the token does not allow', async () => {
    const params = { name: 'spawn_agent', arguments: { task: { description: 'x' } } };
    const spawn = { jsonrpc: '2.0', id: 2, method: 'tools/call', params };
    const response = await post(guarded.edge.url, {
      body: [{ jsonrpc: '2.0', id: 1, method: 'tools/list' }, spawn],
      token: await tokenWith('operator', 'agents:read'),
    });
    await response.text();
    expect(guarded.edge.owner.commands).toEqual([]);
  });
});
