import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '@skynet/platform';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { createAuthApplication } from './auth-application.js';
import { readAuthConfig } from './auth.config.js';
import { hashSecret } from './clients/client-secret.js';
import { readClients, writeClients } from './clients/clients-file.js';

const ISSUER = 'http://127.0.0.1:7511';
const AUDIENCE = 'http://127.0.0.1:7510/mcp';
const GRANT = { grant_type: 'client_credentials' };
const DAY_MS = 24 * 60 * 60 * 1_000;

const clock = { ...systemClock, nowMs: () => nowMs };
let folder: string;
let nowMs: number;
let application: NestFastifyApplication;
let url: string;

async function start(): Promise<void> {
  const config = readAuthConfig({
    AUTH_ISSUER: ISSUER,
    AUTH_AUDIENCE: AUDIENCE,
    AUTH_DATA_FOLDER: folder,
  });
  application = await createAuthApplication(config, silentLogger, clock);
  await application.listen(0, '127.0.0.1');
  url = await application.getUrl();
}

beforeEach(async () => {
  nowMs = Date.now();
  folder = await mkdtemp(join(tmpdir(), 'skynet-auth-'));
  const secretHash = await hashSecret('right:+secret');
  await writeClients(join(folder, 'clients.json'), [
    { clientId: 'builder', secretHash, tenant: 'acme', roles: ['operator', 'viewer'] },
    { clientId: 'brief', secretHash, tenant: 'acme', roles: ['viewer'], accessTokenTtlSeconds: 60 },
  ]);
  await start();
});
afterEach(async () => {
  await application.close();
  await rm(folder, { recursive: true, force: true });
});

interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, string>;
}

async function ask(
  parameters: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<TokenAnswer> {
  const response = await fetch(`${url}/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(parameters),
  });
  const body = (await response.json()) as Record<string, string>;
  return { status: response.status, headers: response.headers, body };
}

function basic(clientId: string, secret: string): Record<string, string> {
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

const askAs = (clientId: string) => ask(GRANT, basic(clientId, 'right:+secret'));

async function tokenOf(clientId = 'builder'): Promise<string> {
  const { body } = await askAs(clientId);
  return body['access_token'] ?? '';
}

async function jsonAt(path: string): Promise<unknown> {
  return (await fetch(`${url}${path}`)).json();
}

async function verify(token: string) {
  const keys = createLocalJWKSet((await jsonAt('/jwks')) as JSONWebKeySet);
  return jwtVerify(token, keys, {
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['ES256'],
    typ: 'at+jwt',
  });
}

describe('a client with its secret', () => {
  it('gets a token for the edge that says who it is and what it may do', async () => {
    const { status, headers, body } = await askAs('builder');
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3_600 });
    const { payload } = await verify(body['access_token'] ?? '');
    expect(payload).toMatchObject({
      sub: 'builder',
      client_id: 'builder',
      tenant: 'acme',
      roles: ['operator', 'viewer'],
      jti: expect.any(String),
      iat: expect.any(Number),
    });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(3_600);
  });

  it('may send the secret in the body', async () => {
    const parameters = { ...GRANT, client_id: 'builder', client_secret: 'right:+secret' };
    expect(await ask({ ...parameters, resource: AUDIENCE })).toMatchObject({ status: 200 });
  });

  it('gets tokens as short as its entry says', async () => {
    expect((await askAs('brief')).body['expires_in']).toBe(60);
  });

  it('gets no token for another audience', async () => {
    const answer = await ask(
      { ...GRANT, resource: 'https://elsewhere.example/' },
      basic('builder', 'right:+secret'),
    );
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
  });

  it.each(['password', 'authorization_code', 'refresh_token'])(
    'gets nothing for the grant %s',
    async (grant) => {
      const answer = await ask({ grant_type: grant }, basic('builder', 'right:+secret'));
      expect(answer).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } });
    },
  );
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
    const [client] = await readClients(join(folder, 'clients.json'));
    const answer = await ask(GRANT, basic('builder', client?.secretHash ?? ''));
    expect(answer).toMatchObject({ status: 401 });
  });

  it('finds every other path of the provider closed', async () => {
    for (const path of ['/auth', '/me', '/session/end', '/reg', '/device', '/request', '/']) {
      expect((await fetch(`${url}${path}`)).status).toBe(404);
    }
  });
});

describe('the metadata', () => {
  it('names the endpoints by the issuer, whatever the host header says', async () => {
    const response = await application.inject({
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
        grant_types_supported: ['client_credentials'],
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      });
      expect(metadata).not.toHaveProperty('authorization_endpoint');
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
    nowMs += DAY_MS;
    const after = await tokenOf();
    expect(decodeProtectedHeader(before).kid).toBe(keys[0]?.kid);
    expect(decodeProtectedHeader(after).kid).toBe(keys[1]?.kid);
    await expect(verify(before)).resolves.toBeDefined();
    await expect(verify(after)).resolves.toBeDefined();
  });

  it('withdraws a key after the longest token that it may have signed', async () => {
    const [old] = ((await jsonAt('/jwks')) as JSONWebKeySet).keys;
    nowMs += 2 * DAY_MS + 60_000;
    const { keys } = (await jsonAt('/jwks')) as JSONWebKeySet;
    expect(keys.map((key) => key.kid)).not.toContain(old?.kid);
  });

  it('outlives the process', async () => {
    const token = await tokenOf();
    await application.close();
    await start();
    await expect(verify(token)).resolves.toBeDefined();
    expect(decodeProtectedHeader(await tokenOf()).kid).toBe(decodeProtectedHeader(token).kid);
  });
});

describe('the health of the service', () => {
  it.each(['live', 'ready'])('answers %s', async (question) => {
    expect((await fetch(`${url}/health/${question}`)).status).toBe(200);
  });
});
