import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Shown } from './testing/browser.js';
import { CLI } from './testing/oauth-login.js';
import {
  AUDIENCE,
  ISSUER,
  newWorld,
  PASSWORD,
  removeWorld,
  startAuth,
  type AuthWorld,
  type RunningAuth,
} from './testing/running-auth.js';

let world: AuthWorld;
let auth: RunningAuth;
let browser: Browser;

beforeEach(async () => {
  world = await newWorld();
  auth = await startAuth(world);
  await auth.addUser('alice');
  browser = auth.browser();
});
afterEach(async () => {
  await auth.application.close();
  await removeWorld(world);
});

async function begin() {
  const { body } = await auth.post('/device/authorize', {
    client_id: CLI,
    scope: 'agents:read',
    resource: AUDIENCE,
  });
  return { deviceCode: body['device_code'] ?? '', userCode: body['user_code'] ?? '', body };
}

function poll(deviceCode: string) {
  return auth.post('/token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    client_id: CLI,
    device_code: deviceCode,
  });
}

async function enterCode(userCode: string): Promise<Shown> {
  const page = await browser.open('/device');
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  const fields = { xsrf, user_code: userCode };
  const confirm = await browser.submit(fields);
  if (!confirm.text.includes('name="confirm"')) return confirm;
  expect(confirm.text).toContain('Skynet command line');
  expect(confirm.text).toContain(userCode);
  return browser.submit({ ...fields, confirm: 'yes' });
}

describe('a program without a browser', () => {
  it('is logged in on another machine with the code that it shows', async () => {
    const { deviceCode, userCode, body } = await begin();
    expect(body['verification_uri']).toBe(`${ISSUER}/device`);
    expect((await poll(deviceCode)).body).toMatchObject({ error: 'authorization_pending' });
    await enterCode(userCode);
    await browser.submit({ action: 'login', name: 'alice', password: PASSWORD });
    const done = await browser.submit({ action: 'allow' });
    expect(done.text).toContain('The program is logged in.');
    const { status, body: tokens } = await poll(deviceCode);
    expect(status).toBe(200);
    const claims = await auth.claims(tokens['access_token'] ?? '');
    expect(claims).toMatchObject({ sub: 'alice', scope: 'agents:read', aud: AUDIENCE });
    expect(tokens['refresh_token']).toEqual(expect.any(String));
  });

  it('is told when the person does not allow it', async () => {
    const { deviceCode, userCode } = await begin();
    await enterCode(userCode);
    await browser.submit({ action: 'cancel' });
    expect((await poll(deviceCode)).body).toMatchObject({ error: 'access_denied' });
  });

  it('gets its tokens once', async () => {
    const { deviceCode, userCode } = await begin();
    await enterCode(userCode);
    await browser.submit({ action: 'login', name: 'alice', password: PASSWORD });
    await browser.submit({ action: 'allow' });
    await poll(deviceCode);
    expect(await poll(deviceCode)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });
});

describe('a code that no program shows', () => {
  it('leads nowhere', async () => {
    const shown = await enterCode('AAAA-AAAA');
    expect(shown.text).toContain('This code is not valid any more.');
  });
});
