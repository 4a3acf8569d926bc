import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeProtectedHeader, type JSONWebKeySet } from 'jose';
import { readClients } from './clients/clients-file.js';
import {
  AUDIENCE,
  basic,
  ISSUER,
  newWorld,
  removeWorld,
  SECRET,
  startAuth,
  type AuthWorld,
  type RunningAuth,
} from './testing/running-auth.js';

const GRANT = { grant_type: 'client_credentials' };
const DAY_MS = 24 * 60 * 60 * 1_000;

let world: AuthWorld;
let auth: RunningAuth;

beforeEach(async () => {
  world = await newWorld();
  auth = await startAuth(world);
});
afterEach(async () => {
  await auth.application.close();
  await removeWorld(world);
});

const ask = (parameters: Record<string, string>, headers?: Record<string, string>) =>
  auth.post('/token', parameters, headers);
const askAs = (clientId: string) => ask(GRANT, basic(clientId, SECRET));
const verify = (token: string) => auth.claims(token);

async function tokenOf(clientId = 'builder'): Promise<string> {
  const { body } = await askAs(clientId);
  return body['access_token'] ?? '';
}

async function jsonAt(path: string): Promise<unknown> {
  return (await fetch(`${auth.url}${path}`)).json();
}

describe('a client with its secret', () => {
  it('gets a token for the edge that says who it is and what it may do', async () => {
    const { status, headers, body } = await askAs('builder');
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 900 });
    const payload = await verify(body['access_token'] ?? '');
    expect(payload).toMatchObject({
      sub: 'builder',
      client_id: 'builder',
      tenant: 'acme',
      roles: ['operator', 'viewer'],
      jti: expect.any(String),
      iat: expect.any(Number),
    });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(900);
  });

  it('gets no token of more than 15 minutes, whatever an older file says', async () => {
    expect((await askAs('slow')).body).toMatchObject({ expires_in: 900 });
  });

  it('may send the secret in the body', async () => {
    const parameters = { ...GRANT, client_id: 'builder', client_secret: SECRET };
    expect(await ask({ ...parameters, resource: AUDIENCE })).toMatchObject({ status: 200 });
  });

  it('gets tokens as short as its entry says', async () => {
    expect((await askAs('brief')).body['expires_in']).toBe(60);
  });

  it('gets no token for another audience', async () => {
    const answer = await ask(
      { ...GRANT, resource: 'https://elsewhere.example/' },
      basic('builder', SECRET),
    );
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
  });

  it.each([
    ['password', 'unsupported_grant_type'],
    ['implicit', 'unsupported_grant_type'],
    ['authorization_code', 'invalid_request'],
    ['refresh_token', 'invalid_request'],
  ])('gets nothing for the grant %s', async (grant, error) => {
    const answer = await ask({ grant_type: grant }, basic('builder', SECRET));
    expect(answer).toMatchObject({ status: 400, body: { error } });
  });

  it('gets the scopes that it asks for, as far as its roles allow them', async () => {
    const asked = { ...GRANT, scope: 'agents:read agents:control agents:admin' };
    const { body } = await ask(asked, basic('brief', SECRET));
    expect(await verify(body['access_token'] ?? '')).toMatchObject({ scope: 'agents:read' });
  });
});

describe('a caller who does not know the secret', () => {
  it('learns nothing but that authentication failed', async () => {
    const wrongSecret = await ask(GRANT, basic('builder', 'wrong'));
    const unknownClient = await ask(GRANT, basic('nobody', 'wrong'));
    expect(wrongSecret).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(unknownClient.status).toBe(wrongSecret.status);
    expect(unknownClient.body).toEqual(wrongSecret.body);
    expect(wrongSecret.headers.get('www-authenticate')).toMatch(/^Basic /);
  });

  it('can not use the hash as the secret', async () => {
    const [client] = await readClients(join(world.folder, 'clients.json'));
    const answer = await ask(GRANT, basic('builder', client?.secretHash ?? ''));
    expect(answer).toMatchObject({ status: 401 });
  });

  it('finds every other path of the provider closed', async () => {
    for (const path of [
      '/auth',
      '/me',
      '/session/end',
      '/reg',
      '/token/introspection',
      '/request',
      '/',
    ]) {
      expect((await fetch(`${auth.url}${path}`)).status).toBe(404);
    }
  });
});

describe('the metadata', () => {
  it('names the endpoints by the issuer, whatever the host header says', async () => {
    const response = await auth.application.inject({
      url: '/.well-known/oauth-authorization-server',
      headers: { host: 'evil.example' },
    });
    expect(response.body).not.toContain('evil.example');
  });

  it.each(['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'])(
    'at %s name what there is and nothing else',
    async (path) => {
      const metadata = await jsonAt(path);
      expect(metadata).toMatchObject({
        issuer: ISSUER,
        token_endpoint: `${ISSUER}/token`,
        jwks_uri: `${ISSUER}/jwks`,
        authorization_endpoint: `${ISSUER}/authorize`,
        device_authorization_endpoint: `${ISSUER}/device/authorize`,
        registration_endpoint: `${ISSUER}/register`,
        revocation_endpoint: `${ISSUER}/revoke`,
        response_types_supported: ['code'],
        code_challenge_methods_supported: ['S256'],
        authorization_response_iss_parameter_supported: true,
      });
      for (const absent of [
        'userinfo_endpoint',
        'introspection_endpoint',
        'end_session_endpoint',
      ]) {
        expect(metadata).not.toHaveProperty(absent);
      }
    },
  );

  it('publish no private key', async () => {
    const { keys } = (await jsonAt('/jwks')) as JSONWebKeySet;
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(key).not.toHaveProperty('d');
  });
});

describe('the rotation of keys', () => {
  it('lets the announced key sign, and tokens of the old one stay valid', async () => {
    const before = await tokenOf();
    const { keys } = (await jsonAt('/jwks')) as JSONWebKeySet;
    world.aheadMs += DAY_MS;
    const after = await tokenOf();
    expect(decodeProtectedHeader(before).kid).toBe(keys[0]?.kid);
    expect(decodeProtectedHeader(after).kid).toBe(keys[1]?.kid);
    await expect(verify(before)).resolves.toBeDefined();
    await expect(verify(after)).resolves.toBeDefined();
  });

  it('withdraws a key after the longest token that it may have signed', async () => {
    const [old] = ((await jsonAt('/jwks')) as JSONWebKeySet).keys;
    world.aheadMs += 2 * DAY_MS + 60_000;
    const { keys } = (await jsonAt('/jwks')) as JSONWebKeySet;
    expect(keys.map((key) => key.kid)).not.toContain(old?.kid);
  });

  it('outlives the process', async () => {
    const token = await tokenOf();
    await auth.application.close();
    auth = await startAuth(world);
    await expect(verify(token)).resolves.toBeDefined();
    expect(decodeProtectedHeader(await tokenOf()).kid).toBe(decodeProtectedHeader(token).kid);
  });
});

describe('the health of the service', () => {
  it.each(['live', 'ready'])('answers %s', async (question) => {
    expect((await fetch(`${auth.url}/health/${question}`)).status).toBe(200);
  });
});
