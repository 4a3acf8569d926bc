import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { authorizePath, codeOf, logIn, newVerifier, redeem } from './testing/oauth-login.js';
import {
  newWorld,
  removeWorld,
  startAuth,
  type AuthWorld,
  type RunningAuth,
} from './testing/running-auth.js';

const REDIRECT = 'http://localhost:3000/callback';
const DAY_MS = 24 * 60 * 60 * 1_000;

let world: AuthWorld;
let auth: RunningAuth;

beforeEach(async () => {
  world = await newWorld();
  auth = await startAuth(world, { AUTH_REGISTRATIONS_PER_HOUR: '10' });
  await auth.addUser('alice');
});
afterEach(async () => {
  await auth.application.close();
  await removeWorld(world);
});

async function registered(metadata: object = {}): Promise<string> {
  const said = { client_name: 'Some client', redirect_uris: [REDIRECT], ...metadata };
  const { status, body } = await auth.register(said);
  expect([status, body]).toEqual([
    201,
    expect.not.objectContaining({ client_secret: expect.anything() }),
  ]);
  return body['client_id'] ?? '';
}

describe('a client that registers itself', () => {
  it('can log users in', async () => {
    const clientId = await registered({ token_endpoint_auth_method: 'none' });
    const verifier = newVerifier();
    const code = await codeOf(auth, verifier, { clientId, redirectUri: REDIRECT });
    const answer = await redeem(auth, code, verifier, {
      client_id: clientId,
      redirect_uri: REDIRECT,
    });
    expect(answer).toMatchObject({ status: 200, body: { refresh_token: expect.any(String) } });
  });

  it('may listen on another port of the same machine next time', async () => {
    const clientId = await registered();
    const { url } = await logIn(auth, newVerifier(), {
      clientId,
      redirectUri: 'http://localhost:4000/callback',
    });
    expect(url.host).toBe('localhost:4000');
    expect(url.searchParams.has('code')).toBe(true);
  });

  it('is shown as one that only claims its name, and can smuggle nothing into the page', async () => {
    const clientId = await registered({ client_name: '<script>alert(1)</script>' });
    const { text } = await auth
      .browser()
      .open(authorizePath(newVerifier(), { clientId, redirectUri: REDIRECT }));
    expect(text).not.toContain('<script>');
    expect(text).toContain('calls itself');
    expect(text).toContain('&lt;script&gt;');
  });

  it.each([
    ['a secret', { token_endpoint_auth_method: 'client_secret_basic' }, 'invalid_client_metadata'],
    ['no redirect', { redirect_uris: [] }, 'invalid_redirect_uri'],
    ['a redirect over http', { redirect_uris: ['http://app.test/'] }, 'invalid_redirect_uri'],
    ['a scheme', { redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri'],
    [
      'a scheme of its own',
      { redirect_uris: ['evil-app:/callback'], application_type: 'native' },
      'invalid_redirect_uri',
    ],
    ['a fragment', { redirect_uris: ['https://app.test/#x'] }, 'invalid_redirect_uri'],
  ])('is refused with %s', async (_what, metadata, error) => {
    const answer = await auth.register({ redirect_uris: [REDIRECT], ...metadata });
    expect(answer).toMatchObject({ status: 400, body: { error } });
  });

  it('gets no token of its own, whatever roles it claims', async () => {
    const answer = await auth.register({
      redirect_uris: [REDIRECT],
      grant_types: ['authorization_code', 'client_credentials'],
      access: { tenant: 'acme', roles: ['admin'] },
      roles: ['admin'],
    });
    const parameters = {
      grant_type: 'client_credentials',
      client_id: answer.body['client_id'] ?? '',
    };
    const { status, body } = await auth.post('/token', parameters);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body).not.toHaveProperty('access_token');
  });

  it('is forgotten when nobody uses it for a month, and kept while somebody does', async () => {
    const [unused, used] = [await registered(), await registered()];
    const browser = auth.browser();
    const open = (clientId: string) =>
      browser.open(authorizePath(newVerifier(), { clientId, redirectUri: REDIRECT }));
    for (let days = 0; days < 40; days += 20) {
      world.aheadMs += 20 * DAY_MS;
      expect((await open(used)).text).toContain('Some client');
    }
    expect((await open(unused)).status).toBe(400);
  });

  it('must wait when its address has registered too many', async () => {
    for (let count = 0; count < 10; count += 1) await registered();
    const answer = await auth.register({ redirect_uris: [REDIRECT] });
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('an operator who wants no strangers', () => {
  it('can switch registration and documents off', async () => {
    const closed = await startAuth(world, {
      AUTH_REGISTRATIONS_PER_HOUR: '0',
      AUTH_CLIENT_DOCUMENTS: 'false',
    });
    const metadata = await (
      await fetch(`${closed.url}/.well-known/oauth-authorization-server`)
    ).json();
    expect(metadata).not.toHaveProperty('registration_endpoint');
    expect(metadata).not.toHaveProperty('client_id_metadata_document_supported');
    expect((await fetch(`${closed.url}/register`, { method: 'POST' })).status).toBe(404);
    await closed.application.close();
  });
});
