import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isRevoked, buckets, revocableClaimsSchema, type Revocation } from '@skynet/contracts';
import { eventually } from '@skynet/testing';
import { decodeJwt } from 'jose';
import { readClients, writeClients } from './clients/clients-file.js';
import { LASTING_ARTIFACTS, type ArtifactRow } from './store/artifacts.js';
import { CLI, codeOf, newVerifier, redeem, refresh, tokensOf } from './testing/oauth-login.js';
import {
  basic,
  ISSUER,
  newWorld,
  removeWorld,
  SECRET,
  startAuth,
  type AuthWorld,
  type RunningAuth,
} from './testing/running-auth.js';

const BY = { tenant: 'acme', principal: 'boss' };
const GRANT = { grant_type: 'client_credentials' };

let world: AuthWorld;
let auth: RunningAuth;

beforeEach(async () => {
  world = await newWorld();
  auth = await startAuth(world);
  await auth.addUser('alice', ['operator', 'viewer']);
});
afterEach(async () => {
  await auth.application.close();
  await removeWorld(world);
});

/** As an edge sees it. */
async function isVoid(token: string): Promise<boolean> {
  const bucket = await world.states.open<Revocation>(
    buckets.revocations.bucket,
    buckets.revocations,
  );
  const rows = new Map<string, Revocation>();
  for await (const { key, value } of bucket.entries('')) rows.set(key, value);
  return isRevoked(revocableClaimsSchema.parse(decodeJwt(token)), (key) => rows.get(key));
}

async function tokenOfClient(clientId: string, changes: Record<string, string> = {}) {
  const { body } = await auth.post('/token', { ...GRANT, ...changes }, basic(clientId, SECRET));
  return body['access_token'] ?? '';
}

function revoke(token: string, clientId = CLI): Promise<Response> {
  const fields = { client_id: clientId, token };
  return fetch(`${auth.url}/revoke`, { method: 'POST', body: new URLSearchParams(fields) });
}

describe('an access token of a user', () => {
  it.each([
    ['is disabled', () => auth.changeUser('alice', { disabled: true })],
    ['loses a role', () => auth.changeUser('alice', { roles: ['viewer'] })],
    ['gets another password', () => auth.changePassword('alice', 'another long password')],
  ])('is void once the user %s', async (_what, change) => {
    const { accessToken } = await tokensOf(auth);
    expect(await isVoid(accessToken)).toBe(false);
    await change();
    expect(await isVoid(accessToken)).toBe(true);
  });

  it('that is made after that holds, at once', async () => {
    const { refreshToken } = await tokensOf(auth);
    await auth.changeUser('alice', { roles: ['viewer'] });
    const { body } = await refresh(auth, refreshToken);
    expect(await isVoid(body['access_token'] ?? '')).toBe(false);
  });

  it('is void once its login is given back; those of other logins are not', async () => {
    const [one, other] = [await tokensOf(auth), await tokensOf(auth)];
    expect((await revoke(one.refreshToken)).status).toBe(200);
    expect(await isVoid(one.accessToken)).toBe(true);
    expect(await isVoid(other.accessToken)).toBe(false);
  });

  it('is void once a refresh token or a code of its login is used twice', async () => {
    const { accessToken, refreshToken } = await tokensOf(auth);
    await refresh(auth, refreshToken);
    await refresh(auth, refreshToken);
    expect(await isVoid(accessToken)).toBe(true);

    const verifier = newVerifier();
    const code = await codeOf(auth, verifier);
    const { body } = await redeem(auth, code, verifier);
    await redeem(auth, code, verifier);
    expect(await isVoid(body['access_token'] ?? '')).toBe(true);
  });

  it('can be given back itself, by its own client only', async () => {
    const { accessToken, refreshToken } = await tokensOf(auth);
    const { body } = await auth.register({ redirect_uris: ['https://app.test/callback'] });
    expect((await revoke(accessToken, body['client_id'])).status).toBe(200);
    expect(await isVoid(accessToken)).toBe(false);
    expect((await revoke(accessToken)).status).toBe(200);
    expect(await isVoid(accessToken)).toBe(true);
    // The login goes on.
    expect((await refresh(auth, refreshToken)).status).toBe(200);
  });

  it('that somebody made up is nothing to give back, and is not an error', async () => {
    const { accessToken } = await tokensOf(auth);
    const [header, claims] = accessToken.split('.');
    expect((await revoke(`${header}.${claims}.AAAA`)).status).toBe(200);
    expect(await isVoid(accessToken)).toBe(false);
  });

  it('does not tell the id of the login that it came of', async () => {
    const { accessToken } = await tokensOf(auth);
    const rows = await world.states.open<ArtifactRow>(LASTING_ARTIFACTS);
    const [entry] = (await rows.scan('Grant/')).entries;
    const claims = decodeJwt(accessToken);
    expect(claims['grant']).toEqual(expect.any(String));
    expect(Object.values(claims)).not.toContain(entry?.value.payload.jti);
  });
});

describe('a token for the API of administrators', () => {
  it('is refused once its owner has lost the role', async () => {
    await auth.addUser('carol', ['admin']);
    const login = {
      user: 'carol',
      scope: 'agents:admin',
      changes: { resource: `${ISSUER}/admin` },
    };
    const { accessToken } = await tokensOf(auth, login);
    const list = () =>
      fetch(`${auth.url}/admin/users`, { headers: { authorization: `Bearer ${accessToken}` } });
    expect((await list()).status).toBe(200);
    await auth.changeUser('carol', { roles: ['viewer'] });
    expect((await list()).status).toBe(401);
  });
});

describe('an access token of a client', () => {
  async function addClient(): Promise<string> {
    const [{ secretHash = '' } = {}] = await readClients(join(world.folder, 'clients.json'));
    const data = { clientId: 'ci', tenant: 'acme', roles: ['operator' as const], secretHash };
    await auth.auth.machines.execute('ci', { type: 'RegisterClient', data }, BY);
    return tokenOfClient('ci');
  }

  it.each([
    ['removed', { type: 'RemoveClient' as const, data: {} }],
    ['disabled', { type: 'ChangeClient' as const, data: { disabled: true } }],
    ['given other roles', { type: 'ChangeClient' as const, data: { roles: ['viewer' as const] } }],
  ])('is void once the client is %s', async (_what, request) => {
    const token = await addClient();
    expect(await isVoid(token)).toBe(false);
    await auth.auth.machines.execute('ci', request, BY);
    expect(await isVoid(token)).toBe(true);
  });

  it('is void once the client of the file is taken out of it; others are not', async () => {
    const [token, other] = [await tokenOfClient('builder'), await tokenOfClient('boss')];
    const file = join(world.folder, 'clients.json');
    const clients = await readClients(file);
    await writeClients(
      file,
      clients.filter(({ clientId }) => clientId !== 'builder'),
    );
    // Nobody asks for the client: the file is looked at all the same.
    await eventually(async () => expect(await isVoid(token)).toBe(true));
    expect(await isVoid(other)).toBe(false);
  });
});

describe('a replica', () => {
  it('that was told makes the others’ tokens void, also those it has not heard of', async () => {
    const replica = await startAuth(world);
    const { accessToken } = await tokensOf(replica);
    await auth.changeUser('alice', { disabled: true });
    expect(await isVoid(accessToken)).toBe(true);
    await replica.application.close();
  });

  it('that died between log and feed is made up for by the next one', async () => {
    const { accessToken } = await tokensOf(auth);
    await auth.changeUser('alice', { disabled: true });
    const bucket = await world.states.open<Revocation>(
      buckets.revocations.bucket,
      buckets.revocations,
    );
    await bucket.delete('principal/alice');
    expect(await isVoid(accessToken)).toBe(false);
    const replica = await startAuth(world);
    await eventually(async () => expect(await isVoid(accessToken)).toBe(true));
    await replica.application.close();
  });
});

describe('a refresh token', () => {
  it.each([
    ['another program that logs users in', {}],
    ['a program with a secret', basic('builder', SECRET)],
  ])('is not given back by %s, which is not told whose it is', async (_who, headers) => {
    const { refreshToken } = await tokensOf(auth);
    const registered = await auth.register({ redirect_uris: ['http://127.0.0.1/callback'] });
    const body = new URLSearchParams({ token: refreshToken });
    if (!('authorization' in headers)) body.set('client_id', registered.body['client_id'] ?? '');
    const answer = await fetch(`${auth.url}/revoke`, { method: 'POST', headers, body });
    expect(answer.status).toBe(200);
    expect((await refresh(auth, refreshToken)).status).toBe(200);
  });
});
