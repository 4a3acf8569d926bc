import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startForeignIssuer, type ForeignIssuer } from '../testing/foreign-issuer.js';
import { startEdge, type RunningEdge } from '../testing/running-edge.js';

const KEYCLOAK = {
  EDGE_JWKS_URL: '',
  EDGE_TOKEN_ALGORITHMS: 'RS256',
  EDGE_TOKEN_TYPES: 'jwt',
  EDGE_ROLES_CLAIM: 'realm_access.roles',
  EDGE_DEFAULT_TENANT: 'acme',
};
const CLAIMS = { realm_access: { roles: ['offline_access', 'operator'] } };

let issuer: ForeignIssuer;
let edge: RunningEdge;

async function start(options?: { readonly metadataAt?: string }): Promise<void> {
  issuer = await startForeignIssuer(options);
  edge = await startEdge('', { ...KEYCLOAK, EDGE_ISSUER: issuer.issuer });
}
beforeEach(() => start());
afterEach(async () => {
  await edge.application.close();
  await issuer.stop();
});

async function call(name: string, token: string, args: object = {}) {
  const params = { name, arguments: args };
  const response = await fetch(`${edge.url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const spawn = (token: string) => call('spawn_agent', token, { task: { description: 'x' } });

describe('an issuer that is not ours', () => {
  it('is asked for its keys where its metadata say, and its users are taken', async () => {
    const answer = await spawn(await issuer.token(CLAIMS));
    expect(answer.status).toBe(200);
    expect(edge.owner.commands).toMatchObject([{ tenant: 'acme', principal: 'f:1234:alice' }]);
    expect(issuer.asked).toContain('/realms/acme/certs');
  });

  it('is named to clients as the place to get tokens', async () => {
    const url = `${edge.url}/.well-known/oauth-protected-resource/mcp`;
    expect(await (await fetch(url)).json()).toMatchObject({
      authorization_servers: [issuer.issuer],
    });
  });

  it.each([
    '/.well-known/oauth-authorization-server/realms/acme',
    '/.well-known/openid-configuration/realms/acme',
  ])('may have its metadata at %s', async (metadataAt) => {
    await edge.application.close();
    await issuer.stop();
    await start({ metadataAt });
    expect(await spawn(await issuer.token(CLAIMS))).toMatchObject({ status: 200 });
  });

  it('is not believed when its metadata are of another issuer', async () => {
    issuer.calls('https://evil.example');
    expect(await spawn(await issuer.token(CLAIMS))).toMatchObject({ status: 503 });
  });

  it('may be down for a while: callers are told to try again, and it is asked again', async () => {
    issuer.goes(false);
    expect(await spawn(await issuer.token(CLAIMS))).toMatchObject({ status: 503 });
    issuer.goes(true);
    expect(await spawn(await issuer.token(CLAIMS))).toMatchObject({ status: 200 });
  });

  it('has users without a role of ours, who are let in nowhere', async () => {
    const answer = await spawn(await issuer.token({ realm_access: { roles: ['other'] } }));
    expect(answer.status).toBe(401);
  });

  it('signs what is no access token, which is not taken', async () => {
    const answer = await spawn(await issuer.token(CLAIMS, { typ: 'id+jwt' }));
    expect(answer.status).toBe(401);
  });

  it('limits a token by scopes of ours', async () => {
    const token = await issuer.token({ ...CLAIMS, scope: 'openid agents:read' });
    expect(await call('list_agents', token)).toMatchObject({ status: 200 });
    expect((await spawn(token)).status).toBe(403);
  });
});
