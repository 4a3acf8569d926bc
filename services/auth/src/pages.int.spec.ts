import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { codeOf, newVerifier } from './testing/oauth-login.js';
import {
  newWorld,
  removeWorld,
  startAuth,
  type AuthWorld,
  type RunningAuth,
} from './testing/running-auth.js';

const PAGE = 'http://localhost:6274';
const REDIRECT = `${PAGE}/oauth/callback`;

let world: AuthWorld;
let auth: RunningAuth;

beforeEach(async () => {
  world = await newWorld();
  auth = await startAuth(world, { AUTH_REGISTRATIONS_PER_HOUR: '3' });
});
afterEach(async () => {
  await auth.application.close();
  await removeWorld(world);
});

/** What a browser asks before it sends what a page wants to send. */
const preflight = (path: string, method: string, origin = PAGE, asked = 'content-type') =>
  fetch(`${auth.url}${path}`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': asked,
    },
  });

const register = (origin: string) =>
  fetch(`${auth.url}/register`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: [REDIRECT] }),
  });

const post = (path: string, fields: Record<string, string>) =>
  fetch(`${auth.url}${path}`, {
    method: 'POST',
    headers: { origin: PAGE },
    body: new URLSearchParams(fields),
  });

function allowed({ headers }: Response): string | null {
  return headers.get('access-control-allow-origin');
}

describe('a page that is an MCP client', () => {
  it.each([
    ['/.well-known/oauth-authorization-server', 'GET'],
    ['/.well-known/openid-configuration', 'GET'],
    ['/jwks', 'GET'],
    ['/register', 'POST'],
    ['/token', 'POST'],
    ['/revoke', 'POST'],
  ])('may ask first, without a token: %s', async (path, method) => {
    const asked = 'content-type,mcp-protocol-version';
    const answer = await preflight(path, method, PAGE, asked);
    expect([answer.status, allowed(answer)]).toEqual([204, PAGE]);
    expect(answer.headers.get('access-control-allow-methods')).toContain(method);
    expect(answer.headers.get('access-control-allow-headers')).toBe(asked);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it.each([
    '/.well-known/oauth-authorization-server',
    '/.well-known/openid-configuration',
    '/jwks',
  ])('reads %s', async (path) => {
    const answer = await fetch(`${auth.url}${path}`, { headers: { origin: PAGE } });
    expect([answer.status, allowed(answer)]).toEqual([200, PAGE]);
  });

  it('registers, logs a user in, and gives its tokens back', async () => {
    await auth.addUser('alice');
    const registered = await register(PAGE);
    expect([registered.status, allowed(registered)]).toEqual([201, PAGE]);
    const { client_id: clientId } = (await registered.json()) as { client_id: string };
    const verifier = newVerifier();
    const code = await codeOf(auth, verifier, { clientId, redirectUri: REDIRECT });
    const redeemed = await post('/token', {
      grant_type: 'authorization_code',
      client_id: clientId,
      redirect_uri: REDIRECT,
      code,
      code_verifier: verifier,
    });
    expect([redeemed.status, allowed(redeemed)]).toEqual([200, PAGE]);
    const { refresh_token: token } = (await redeemed.json()) as { refresh_token: string };
    const revoked = await post('/revoke', { client_id: clientId, token });
    expect([revoked.status, allowed(revoked)]).toEqual([200, PAGE]);
  });

  it('can read why it was refused', async () => {
    for (let count = 0; count < 3; count += 1) await register(PAGE);
    const throttled = await register(PAGE);
    expect([throttled.status, allowed(throttled)]).toEqual([429, PAGE]);
    expect(throttled.headers.get('access-control-expose-headers')).toBe('Retry-After');
    const wrong = await post('/token', { grant_type: 'refresh_token', client_id: 'nobody' });
    expect([wrong.status, allowed(wrong)]).toEqual([401, PAGE]);
  });
});

describe('a page that the operator has not allowed', () => {
  it.each(['https://evil.example', 'https://localhost.evil.example', 'null', 'file://'])(
    'can not make a visitor register a client: %s',
    async (origin) => {
      const asked = await preflight('/register', 'POST', origin);
      expect([asked.status, allowed(asked)]).toEqual([403, null]);
      for (let count = 0; count < 4; count += 1) {
        const answer = await register(origin);
        expect([answer.status, allowed(answer)]).toEqual([403, null]);
      }
      // Nothing of it counted against the visitor's address.
      expect((await register(PAGE)).status).toBe(201);
    },
  );

  it('may when the operator allows it', async () => {
    await auth.application.close();
    auth = await startAuth(world, { AUTH_ALLOWED_ORIGINS: 'app.example' });
    expect((await register('https://app.example')).status).toBe(201);
    expect((await register(PAGE)).status).toBe(403);
  });
});

describe('the API for administrators', () => {
  it.each(['/admin/users', '/admin/clients'])('answers no page: %s', async (path) => {
    const asked = await preflight(path, 'GET', PAGE, 'authorization');
    expect([asked.status, allowed(asked)]).toEqual([404, null]);
    const read = await fetch(`${auth.url}${path}`, { headers: { origin: PAGE } });
    expect([read.status, allowed(read)]).toEqual([401, null]);
  });
});

describe('a secret', () => {
  it('is not for pages', async () => {
    const fields = { grant_type: 'client_credentials', client_id: 'builder', client_secret: 'x' };
    const answer = await post('/token', fields);
    expect([answer.status, allowed(answer)]).toEqual([400, null]);
  });
});
