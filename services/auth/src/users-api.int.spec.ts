import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { logIn, newVerifier, tokensOf } from './testing/oauth-login.js';
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

async function tokenOf(clientId: string, resource = ADMIN): Promise<string> {
  const parameters = { grant_type: 'client_credentials', resource };
  const { body } = await auth.post('/token', parameters, basic(clientId, SECRET));
  return body['access_token'] ?? '';
}

async function call(method: string, path: string, body?: object, token?: string) {
  const authorization = `Bearer ${token ?? (await tokenOf('boss'))}`;
  const response = await fetch(`${auth.url}/admin/users${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const alice = { name: 'alice', password: PASSWORD, roles: ['operator'] };

describe('an administrator', () => {
  it('makes users, who can log in at once', async () => {
    expect(await call('POST', '', alice)).toMatchObject({
      status: 200,
      body: { name: 'alice', tenant: 'acme', roles: ['operator'], disabled: false },
    });
    expect((await logIn(auth, newVerifier())).url.searchParams.has('code')).toBe(true);
    expect((await call('GET', '')).body).toEqual({
      users: [{ name: 'alice', tenant: 'acme', roles: ['operator'], disabled: false }],
    });
  });

  it('changes roles and passwords, and disables users', async () => {
    await call('POST', '', alice);
    const changed = await call('PATCH', '/alice', { roles: ['viewer'], disabled: true });
    expect(changed.body).toMatchObject({ roles: ['viewer'], disabled: true });
    const password = 'another long password';
    await call('PATCH', '/alice', { password, disabled: false });
    expect((await logIn(auth, newVerifier())).status).toBe(401);
    const { url } = await logIn(auth, newVerifier(), { password, scope: 'agents:read' });
    expect(url.searchParams.has('code')).toBe(true);
  });

  it.each([
    ['a name that is taken', alice],
    ['the name of a client', { ...alice, name: 'boss' }],
  ])('is told of %s', async (_what, body) => {
    await call('POST', '', alice);
    expect(await call('POST', '', body)).toMatchObject({
      status: 409,
      body: { code: 'USER_EXISTS' },
    });
  });

  it('is told of a user that is not there', async () => {
    expect(await call('PATCH', '/nobody', { disabled: true })).toMatchObject({
      status: 404,
      body: { code: 'USER_NOT_FOUND' },
    });
  });

  it.each([
    ['a short password', { ...alice, password: 'short' }, 'password'],
    ['a name for a path', { ...alice, name: '../x' }, 'name'],
    ['no role', { ...alice, roles: [] }, 'roles'],
    ['a role that is none', { ...alice, roles: ['root'] }, 'roles'],
    ['a word that is none', { ...alice, admin: true }, 'admin'],
  ])('is told what is wrong with %s', async (_what, body, named) => {
    const answer = await call('POST', '', body);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain(named);
    expect((await call('GET', '')).body).toEqual({ users: [] });
  });

  it('never sees a password or its hash again', async () => {
    await call('POST', '', alice);
    const everything = JSON.stringify((await call('GET', '')).body) + auth.logged.join('');
    expect(everything).not.toContain(PASSWORD);
    expect(everything).not.toContain('scrypt$');
  });

  it('sees and changes no user of another tenant', async () => {
    const passwordHash = await auth.auth.hasher.hash(PASSWORD);
    const data = { name: 'eve', tenant: 'other', roles: ['admin'] as const, passwordHash };
    const by = { tenant: 'other', principal: 'x' };
    await auth.auth.users.execute('eve', { type: 'RegisterUser', data }, by);
    expect((await call('GET', '')).body).toEqual({ users: [] });
    expect(await call('PATCH', '/eve', { disabled: true })).toMatchObject({ status: 404 });
  });
});

describe('the users of the server', () => {
  it.each([
    ['without a token', () => Promise.resolve('')],
    ['with a token for the edge', () => tokenOf('boss', AUDIENCE)],
    ['with something else', () => Promise.resolve('a.b.c')],
  ])('are shown to nobody %s', async (_what, token) => {
    const answer = await call('GET', '', undefined, await token());
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('agents:admin');
  });

  it('are shown to no operator', async () => {
    const answer = await call('GET', '', undefined, await tokenOf('builder'));
    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toContain('insufficient_scope');
  });

  it('are administered by a user who logged in as administrator', async () => {
    await auth.addUser('root', ['admin']);
    const login = { user: 'root', scope: 'agents:admin', changes: { resource: ADMIN } };
    const { accessToken } = await tokensOf(auth, login);
    expect(await call('GET', '', undefined, accessToken)).toMatchObject({ status: 200 });
    await auth.changeUser('root', { disabled: true });
    expect(await call('GET', '', undefined, accessToken)).toMatchObject({ status: 401 });
  });
});
