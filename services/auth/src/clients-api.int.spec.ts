import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeClients } from './clients/clients-file.js';
import { CLI } from './testing/oauth-login.js';
import {
  AUDIENCE,
  basic,
  ISSUER,
  newWorld,
  PASSWORD,
  removeWorld,
  SECRET,
  startAuth,
  type AuthWorld,
  type RunningAuth,
} from './testing/running-auth.js';

const ADMIN = `${ISSUER}/admin`;
const GRANT = { grant_type: 'client_credentials' };

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

async function adminToken(clientId = 'boss', secret = SECRET): Promise<string> {
  const { body } = await auth.post(
    '/token',
    { ...GRANT, resource: ADMIN },
    basic(clientId, secret),
  );
  return body['access_token'] ?? '';
}

async function call(method: string, path: string, body?: object, token?: string) {
  const authorization = `Bearer ${token ?? (await adminToken())}`;
  const response = await fetch(`${auth.url}/admin/clients${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body: answer };
}

const askFor = (clientId: string, secret: string, changes: Record<string, string> = {}) =>
  auth.post('/token', { ...GRANT, ...changes }, basic(clientId, secret));

async function added(changes: object = {}): Promise<string> {
  const wanted = { clientId: 'ci', roles: ['operator'], ...changes };
  const { status, headers, body } = await call('POST', '', wanted);
  expect(status).toBe(200);
  expect(headers.get('cache-control')).toBe('no-store');
  return String(body['clientSecret']);
}

describe('an administrator', () => {
  it('makes a client, which gets tokens at once', async () => {
    const secret = await added({ accessTokenTtlSeconds: 90 });
    const { status, body } = await askFor('ci', secret);
    expect([status, body['expires_in']]).toEqual([200, 90]);
    expect(await auth.claims(body['access_token'] ?? '')).toMatchObject({
      sub: 'ci',
      tenant: 'acme',
      roles: ['operator'],
    });
    expect((await askFor('ci', `${secret}x`)).status).toBe(401);
  });

  it('sees the clients of the tenant, and which of them stand in the file', async () => {
    await added({ scopes: ['agents:read'] });
    const { body } = await call('GET', '');
    expect(body['clients']).toEqual([
      expect.objectContaining({ clientId: 'boss', keptIn: 'file' }),
      expect.objectContaining({ clientId: 'brief', keptIn: 'file', accessTokenTtlSeconds: 60 }),
      expect.objectContaining({ clientId: 'builder', keptIn: 'file' }),
      {
        clientId: 'ci',
        tenant: 'acme',
        roles: ['operator'],
        scopes: ['agents:read'],
        disabled: false,
        keptIn: 'log',
      },
      expect.objectContaining({ clientId: 'slow', keptIn: 'file' }),
    ]);
  });

  it('changes what a client may do', async () => {
    const secret = await added();
    await call('PATCH', '/ci', { roles: ['viewer'] });
    const { body } = await askFor('ci', secret);
    expect(await auth.claims(body['access_token'] ?? '')).toMatchObject({ roles: ['viewer'] });
  });

  it('locks a client out and lets it in again', async () => {
    const secret = await added();
    expect((await call('PATCH', '/ci', { disabled: true })).body).toMatchObject({ disabled: true });
    expect(await askFor('ci', secret)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
    await call('PATCH', '/ci', { disabled: false });
    expect((await askFor('ci', secret)).status).toBe(200);
  });

  it('removes a client for ever', async () => {
    const secret = await added();
    expect((await call('DELETE', '/ci')).status).toBe(200);
    expect((await askFor('ci', secret)).status).toBe(401);
    expect(JSON.stringify((await call('GET', '')).body)).not.toContain('"ci"');
    expect(await call('PATCH', '/ci', { disabled: false })).toMatchObject({ status: 404 });
    expect(await call('POST', '', { clientId: 'ci', roles: ['viewer'] })).toMatchObject({
      status: 409,
      body: { code: 'CLIENT_EXISTS', message: 'There was a client ci already.' },
    });
  });

  it.each([
    ['of another client', 'ci'],
    ['of a client in the file', 'builder'],
    ['of the command line', CLI],
    ['of a user', 'alice'],
  ])('is told of an id that is the name %s', async (_what, clientId) => {
    await added();
    await auth.addUser('alice');
    expect(await call('POST', '', { clientId, roles: ['viewer'] })).toMatchObject({
      status: 409,
      body: { code: 'CLIENT_EXISTS' },
    });
  });

  it('is told of a client that is not there, or that stands in the file', async () => {
    expect(await call('DELETE', '/nobody')).toMatchObject({
      status: 404,
      body: { code: 'CLIENT_NOT_FOUND' },
    });
    expect(await call('PATCH', '/builder', { disabled: true })).toMatchObject({
      status: 409,
      body: { code: 'CLIENT_IN_FILE' },
    });
    expect((await askFor('builder', SECRET)).status).toBe(200);
  });

  it.each([
    ['an id for a path', { clientId: '../x' }, 'clientId'],
    ['an id that is a URL', { clientId: 'https://x' }, 'clientId'],
    ['no role', { roles: [] }, 'roles'],
    ['a scope that is none', { scopes: ['agents:all'] }, 'scopes'],
    ['a token of more than 15 minutes', { accessTokenTtlSeconds: 901 }, 'accessTokenTtlSeconds'],
    ['a secret of its own', { clientSecret: 'hunter2' }, 'clientSecret'],
    ['another tenant', { tenant: 'other' }, 'tenant'],
  ])('is told what is wrong with %s', async (_what, changes, named) => {
    const answer = await call('POST', '', { clientId: 'ci', roles: ['viewer'], ...changes });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain(named);
  });

  it('sees and changes no client of another tenant', async () => {
    const data = {
      clientId: 'far',
      tenant: 'other',
      roles: ['admin'] as const,
      secretHash: await auth.auth.hasher.hash(PASSWORD),
    };
    const by = { tenant: 'other', principal: 'x' };
    await auth.auth.machines.execute('far', { type: 'RegisterClient', data }, by);
    expect(JSON.stringify((await call('GET', '')).body)).not.toContain('far');
    expect((await call('DELETE', '/far')).status).toBe(404);
    expect((await call('POST', '/far/secret', {})).status).toBe(404);
  });
});

describe('the secret of a client', () => {
  it('is replaced, and the old one ends at once', async () => {
    const old = await added();
    const { body } = await call('POST', '/ci/secret', {});
    expect((await askFor('ci', old)).status).toBe(401);
    expect((await askFor('ci', String(body['clientSecret']))).status).toBe(200);
  });

  it('before it goes on working for as long as was asked', async () => {
    const old = await added();
    const { body } = await call('POST', '/ci/secret', { keepOldSeconds: 60 });
    const statuses = async () => [
      (await askFor('ci', old)).status,
      (await askFor('ci', String(body['clientSecret']))).status,
    ];
    expect(await statuses()).toEqual([200, 200]);
    world.aheadMs += 60_000;
    expect(await statuses()).toEqual([401, 200]);
  });

  it('is shown once, and stands nowhere', async () => {
    const first = await added();
    const { body } = await call('POST', '/ci/secret', { keepOldSeconds: 60 });
    const second = String(body['clientSecret']);
    await askFor('ci', second);
    const stored = await world.store.read('principal-ci');
    const everything = [
      JSON.stringify((await call('GET', '')).body),
      auth.logged.join(''),
      JSON.stringify(stored),
    ].join('');
    expect(stored).toHaveLength(2);
    expect(everything).not.toContain(first);
    expect(everything).not.toContain(second);
    expect(auth.logged.join('')).not.toContain('scrypt$');
  });
});

describe('a client that is limited to scopes', () => {
  it('gets no others, whether it asks for some or for none', async () => {
    const secret = await added({ scopes: ['agents:read', 'agents:spawn'] });
    for (const [asked, granted] of [
      [{}, 'agents:read agents:spawn'],
      [{ scope: 'agents:spawn agents:control' }, 'agents:spawn'],
    ] as const) {
      const { body } = await askFor('ci', secret, { ...asked, resource: AUDIENCE });
      expect(await auth.claims(body['access_token'] ?? '')).toMatchObject({ scope: granted });
    }
  });

  it.each([
    ['where they mean nothing', { resource: ADMIN }],
    ['when it asks for others', { scope: 'agents:admin' }],
    ['when it asks for what is no scope of ours', { scope: 'openid' }],
  ])('gets no token %s', async (_what, asked) => {
    const secret = await added({ roles: ['admin'], scopes: ['agents:read'] });
    expect(await askFor('ci', secret, asked)).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    });
  });
});

describe('the clients of the server', () => {
  it('are shown to nobody without a token, and to no operator', async () => {
    expect((await call('GET', '', undefined, 'a.b.c')).status).toBe(401);
    expect((await call('GET', '', undefined, await adminToken('builder'))).status).toBe(403);
  });

  it('are administered by a client only until it is locked out', async () => {
    const token = await adminToken('ci', await added({ roles: ['admin'] }));
    expect((await call('GET', '', undefined, token)).status).toBe(200);
    await call('PATCH', '/ci', { disabled: true });
    expect((await call('GET', '', undefined, token)).status).toBe(401);
  });

  it('are administered by no client that was taken out of the file', async () => {
    const token = await adminToken();
    await writeClients(join(world.folder, 'clients.json'), []);
    expect((await call('GET', '', undefined, token)).status).toBe(401);
  });

  it('outlive the process', async () => {
    const secret = await added();
    await auth.application.close();
    auth = await startAuth(world);
    expect((await askFor('ci', secret)).status).toBe(200);
  });
});
