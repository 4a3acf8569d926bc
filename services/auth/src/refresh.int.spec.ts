import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BRIEF_ARTIFACTS, LASTING_ARTIFACTS } from './store/artifacts.js';
import { CLI, refresh, tokensOf } from './testing/oauth-login.js';
import {
  newWorld,
  removeWorld,
  startAuth,
  type AuthWorld,
  type RunningAuth,
} from './testing/running-auth.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

let world: AuthWorld;
let auth: RunningAuth;

beforeEach(async () => {
  world = await newWorld();
  auth = await startAuth(world);
  await auth.addUser('alice');
});
afterEach(async () => {
  await auth.application.close();
  await removeWorld(world);
});

async function refreshed(refreshToken: string): Promise<string> {
  const { status, body } = await refresh(auth, refreshToken);
  expect(status).toBe(200);
  return body['refresh_token'] ?? '';
}

const refused = { status: 400, body: { error: 'invalid_grant' } };

describe('a refresh token', () => {
  it('is replaced each time it is used', async () => {
    const { refreshToken } = await tokensOf(auth);
    const second = await refreshed(refreshToken);
    expect(second).not.toBe(refreshToken);
    expect(await refreshed(second)).not.toBe(second);
  });

  it('ends its whole family when it is used twice', async () => {
    const { refreshToken } = await tokensOf(auth);
    const second = await refreshed(refreshToken);
    const third = await refreshed(second);
    expect(await refresh(auth, refreshToken)).toMatchObject(refused);
    expect(await refresh(auth, third)).toMatchObject(refused);
  });

  it('ends no other family', async () => {
    const { refreshToken: stolen } = await tokensOf(auth);
    const { refreshToken: other } = await tokensOf(auth);
    await refreshed(stolen);
    await refresh(auth, stolen);
    expect(await refreshed(other)).toBeDefined();
  });

  it('is used once at most by many at the same time', async () => {
    const { refreshToken } = await tokensOf(auth);
    const answers = await Promise.all(Array.from({ length: 5 }, () => refresh(auth, refreshToken)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
  });

  it('is no use to another client', async () => {
    const { refreshToken } = await tokensOf(auth);
    const { body } = await auth.register({ redirect_uris: ['https://app.test/callback'] });
    const changes = { client_id: body['client_id'] ?? '' };
    expect(await refresh(auth, refreshToken, changes)).toMatchObject(refused);
  });

  it('buys no scope that was not allowed', async () => {
    const { refreshToken } = await tokensOf(auth);
    const answer = await refresh(auth, refreshToken, { scope: 'agents:read agents:control' });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
  });

  it('can be given back', async () => {
    const { refreshToken } = await tokensOf(auth);
    const revoked = await fetch(`${auth.url}/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: CLI, token: refreshToken }),
    });
    expect(revoked.status).toBe(200);
    expect(await refresh(auth, refreshToken)).toMatchObject(refused);
  });

  it('is no use after the days that a login lasts, however often it was replaced', async () => {
    let { refreshToken } = await tokensOf(auth);
    for (let days = 0; days < 13; days += 4) {
      refreshToken = await refreshed(refreshToken);
      world.aheadMs += 4 * DAY_MS;
    }
    expect(await refresh(auth, refreshToken)).toMatchObject(refused);
  });

  it('survives the process and works at every replica', async () => {
    const { refreshToken } = await tokensOf(auth);
    const replica = await startAuth(world);
    const { status, body } = await refresh(replica, refreshToken);
    expect(status).toBe(200);
    await replica.application.close();
    await auth.application.close();
    auth = await startAuth(world);
    expect(await refreshed(body['refresh_token'] ?? '')).toBeDefined();
  });

  it('can not be read off the store', async () => {
    const { refreshToken } = await tokensOf(auth);
    for (const bucket of [LASTING_ARTIFACTS, BRIEF_ARTIFACTS]) {
      const { entries } = await (await world.states.open(bucket)).scan('', { limit: 1_000 });
      expect(entries.length).toBeGreaterThan(0);
      expect(JSON.stringify(entries)).not.toContain(refreshToken);
    }
  });
});
