import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GuardedFetch } from '@skynet/platform';
import { CERTIFICATE, startHttpsServer, type HttpsServer } from '@skynet/testing';
import { authorizePath, codeOf, newVerifier, redeem } from './testing/oauth-login.js';
import {
  ISSUER,
  newWorld,
  removeWorld,
  startAuth,
  type AuthWorld,
  type RunningAuth,
} from './testing/running-auth.js';

const REDIRECT = 'http://127.0.0.1:3000/callback';

let world: AuthWorld;
let auth: RunningAuth;
let server: HttpsServer;
let fetched: string[];
let document: object;
let headers: Record<string, string>;
let clientId: string;

beforeEach(async () => {
  world = await newWorld();
  [fetched, headers] = [[], {}];
  server = await startHttpsServer((request, response) => {
    fetched.push(request.url ?? '');
    const status = 'location' in headers ? 302 : 200;
    response.writeHead(status, headers).end(JSON.stringify(document));
  });
  clientId = `https://client.test:${server.port}/client.json`;
  document = { client_id: clientId, client_name: 'A client', redirect_uris: [REDIRECT] };
  const guarded = new GuardedFetch({
    ca: CERTIFICATE,
    allowsPort: () => true,
    allows: () => true,
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
  });
  auth = await startAuth(world, {}, { guarded });
  await auth.addUser('alice');
});
afterEach(async () => {
  await auth.application.close();
  await server.stop();
  await removeWorld(world);
});

const open = (id = clientId) =>
  auth.browser().open(authorizePath(newVerifier(), { clientId: id, redirectUri: REDIRECT }));

describe('a client with a document at the URL that is its id', () => {
  it('can log users in without registration', async () => {
    const verifier = newVerifier();
    const code = await codeOf(auth, verifier, { clientId, redirectUri: REDIRECT });
    const changes = { client_id: clientId, redirect_uri: REDIRECT };
    const { status, body } = await redeem(auth, code, verifier, changes);
    expect(status).toBe(200);
    expect(await auth.claims(body['access_token'] ?? '')).toMatchObject({ client_id: clientId });
  });

  it('is announced in the metadata', async () => {
    const metadata = await (await fetch(`${auth.url}/.well-known/openid-configuration`)).json();
    expect(metadata).toMatchObject({ client_id_metadata_document_supported: true });
  });

  it('may listen on any port of the machine of the user', async () => {
    const changes = { redirect_uri: 'http://127.0.0.1:4000/callback' };
    const path = authorizePath(newVerifier(), { clientId, changes });
    expect((await auth.browser().open(path)).text).toContain('A client');
  });

  it('is read once for many logins', async () => {
    headers = { 'cache-control': 'max-age=3600' };
    await open();
    await open();
    expect(fetched).toEqual(['/client.json']);
  });

  it.each([
    ['names another id', { client_id: 'https://client.test/other.json' }],
    ['names no redirect', { redirect_uris: [] }],
    ['redirects over http', { redirect_uris: ['http://app.test/callback'] }],
    ['wants a secret', { token_endpoint_auth_method: 'client_secret_post' }],
    ['is larger than 5 KiB', { client_name: 'A', padding: 'x'.repeat(6_000) }],
  ])('is refused when the document %s', async (_what, changes) => {
    document = { ...document, ...changes };
    const { status, url, text } = await open();
    expect([url.origin, status]).toEqual([ISSUER, 400]);
    expect(text).not.toContain('A client');
  });

  it('is refused when the document redirects', async () => {
    headers = { location: `https://client.test:${server.port}/inside` };
    expect((await open()).status).toBe(400);
    expect(fetched).not.toContain('/inside');
  });

  it('gets no token of its own, whatever it claims', async () => {
    document = { ...document, grant_types: ['authorization_code', 'client_credentials'] };
    const parameters = { grant_type: 'client_credentials', client_id: clientId };
    const { body } = await auth.post('/token', parameters);
    expect(body).not.toHaveProperty('access_token');
  });

  it('is asked for by one address a bounded number of times', async () => {
    for (let count = 0; count < 60; count += 1) await open(`${clientId}?${count}`);
    const before = fetched.length;
    expect((await open(`${clientId}?last`)).status).toBe(400);
    expect(fetched).toHaveLength(before);
  });
});

describe('a document inside', () => {
  it.each([
    'https://127.0.0.1/client.json',
    'https://169.254.169.254/client.json',
    'https://[::1]/client.json',
    'https://localhost/client.json',
  ])('is never fetched: %s', async (id) => {
    const real = await startAuth(world);
    const path = authorizePath(newVerifier(), { clientId: id, redirectUri: REDIRECT });
    const { status, text } = await real.browser().open(path);
    expect(status).toBe(400);
    expect(text).not.toContain('public address');
    expect(real.logged.join('')).toContain('is not a public address');
    await real.application.close();
  });
});
