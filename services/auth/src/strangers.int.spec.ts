import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@skynet/testing';
import { authorizePath, CLI, newVerifier } from './testing/oauth-login.js';
import {
  AUDIENCE,
  basic,
  newWorld,
  PASSWORD,
  removeWorld,
  SECRET,
  startAuth,
  type AuthWorld,
  type RunningAuth,
} from './testing/running-auth.js';
import { STRANGERS_ARTIFACTS } from './store/artifacts.js';

const GRANT = { grant_type: 'client_credentials' };
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';

let world: AuthWorld;
let auth: RunningAuth;

beforeEach(async () => {
  world = await newWorld();
  auth = await startAuth(world, { AUTH_BEHIND_PROXY: 'true' });
});
afterEach(async () => {
  await auth.application.close();
  await removeWorld(world);
});

const from = (address: string) => ({ 'x-forwarded-for': address });

async function guess(times: number, address: string, clientId = 'builder'): Promise<number[]> {
  const statuses: number[] = [];
  for (let count = 0; count < times; count += 1) {
    const headers = { ...basic(clientId, 'wrong'), ...from(address) };
    statuses.push((await auth.post('/token', GRANT, headers)).status);
  }
  return statuses;
}

describe('guessing the secret of a client', () => {
  it.each(['builder', 'nobody-of-this-name'])('costs a wait after some tries: %s', async (id) => {
    const statuses = await guess(32, '198.51.100.1', id);
    expect(statuses.slice(0, 30)).toEqual(Array.from({ length: 30 }, () => 401));
    expect(statuses.slice(30)).toEqual([429, 429]);
    const headers = { ...basic(id, 'wrong'), ...from('198.51.100.1') };
    const { headers: told, body } = await auth.post('/token', GRANT, headers);
    expect(Number(told.get('retry-after'))).toBeGreaterThan(0);
    expect(body).toMatchObject({ error: 'temporarily_unavailable' });
  });

  it('keeps out nobody who has the right one elsewhere', async () => {
    await guess(40, '198.51.100.1');
    const headers = { ...basic('builder', SECRET), ...from('198.51.100.2') };
    expect((await auth.post('/token', GRANT, headers)).status).toBe(200);
  });

  it('of one client after the other costs a wait as well', async () => {
    for (let count = 0; count < 10; count += 1) await guess(10, '198.51.100.1', `c${count}`);
    expect(await guess(1, '198.51.100.1', 'fresh')).toEqual([429]);
  });

  it('is no matter for who has the right one, however often it is used', async () => {
    const headers = { ...basic('builder', SECRET), ...from('198.51.100.1') };
    for (let count = 0; count < 40; count += 1) {
      expect((await auth.post('/token', GRANT, headers)).status).toBe(200);
    }
  });
});

describe('a device that polls', () => {
  it('is told to slow down when it does not wait between two polls', async () => {
    const asked = { client_id: CLI, scope: 'agents:read', resource: AUDIENCE };
    const { body } = await auth.post('/device/authorize', asked);
    const fields = { grant_type: DEVICE, client_id: CLI, device_code: body['device_code'] ?? '' };
    const poll = async () => (await auth.post('/token', fields)).body['error'];
    expect(await poll()).toBe('authorization_pending');
    expect(await poll()).toBe('slow_down');
    world.aheadMs += 6_000;
    expect(await poll()).toBe('authorization_pending');
  });
});

describe('what a stranger leaves behind', () => {
  const open = (path: string, address: string) =>
    fetch(`${auth.url}${path}`, { headers: from(address), redirect: 'manual' });

  it('lies apart, for minutes', async () => {
    await open(authorizePath(newVerifier()), '198.51.100.1');
    const rows = await world.states.open(STRANGERS_ARTIFACTS);
    expect((await rows.scan('Interaction/')).entries).toHaveLength(1);
    world.aheadMs += 21 * 60_000;
    expect((await rows.scan('Interaction/')).entries).toEqual([]);
  });

  it('is bounded in number for each address', async () => {
    const path = authorizePath(newVerifier());
    for (let count = 0; count < 300; count += 1) await open(path, '198.51.100.1');
    const refused = await open(path, '198.51.100.1');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await open(path, '198.51.100.2')).status).toBe(303);
  });

  it('is bounded over all addresses: nobody begins any more, and who has begun goes on', async () => {
    await auth.addUser('alice');
    const browser = auth.browser();
    await browser.open(authorizePath(newVerifier()));
    const rows = await world.states.open(STRANGERS_ARTIFACTS);
    for (let count = 0; count < 20_000; count += 1) await rows.put(`Interaction/${count}`, {});
    const path = authorizePath(newVerifier());
    await eventually(async () => {
      const refused = await open(path, '198.51.100.7');
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '60']);
    });
    const asked = { client_id: CLI, scope: 'agents:read', resource: AUDIENCE };
    expect((await auth.post('/device/authorize', asked)).status).toBe(503);
    const consent = await browser.submit({ action: 'login', name: 'alice', password: PASSWORD });
    expect(consent.text).toContain('value="allow"');
    const { url } = await browser.submit({ action: 'allow' });
    expect(url.searchParams.has('code')).toBe(true);
    world.aheadMs += 21 * 60_000;
    expect((await open(path, '198.51.100.7')).status).toBe(303);
  });

  it('is bounded in size', async () => {
    const changes = { state: 'x'.repeat(9_000) };
    const path = authorizePath(newVerifier(), { changes });
    expect((await open(path, '198.51.100.1')).status).toBe(413);
    const answer = await fetch(`${auth.url}/authorize`, {
      method: 'POST',
      body: new URLSearchParams(path.split('?')[1]),
    });
    expect(answer.status).toBe(413);
  });

  it('are few device codes', async () => {
    const asked = { client_id: CLI, scope: 'agents:read', resource: AUDIENCE };
    const statuses: number[] = [];
    for (let count = 0; count < 61; count += 1) {
      const { status } = await auth.post('/device/authorize', asked, from('198.51.100.1'));
      statuses.push(status);
    }
    expect([statuses[59], statuses[60]]).toEqual([200, 429]);
  });
});
