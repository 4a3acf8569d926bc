import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ActLines } from './testing/acts-world.js';
import { CLI, codeOf, newVerifier, redeem, refresh, tokensOf } from './testing/oauth-login.js';
import {
  newWorld,
  PASSWORD,
  removeWorld,
  startAuth,
  type AuthWorld,
  type RunningAuth,
} from './testing/running-auth.js';

let world: AuthWorld;
let auth: RunningAuth;
let audit: ActLines;

beforeEach(async () => {
  audit = new ActLines();
  world = Object.assign(await newWorld(), { audit });
  auth = await startAuth(world);
  await auth.addUser('alice');
});
afterEach(async () => {
  await auth.application.close();
  await removeWorld(world);
});

/** Redeems what a device got when its person has allowed it. */
async function ofDevice(): Promise<() => Promise<unknown>> {
  const { body } = await auth.post('/device/authorize', { client_id: CLI, scope: 'agents:read' });
  const browser = auth.browser();
  const { text } = await browser.open('/device');
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
  const typed = { xsrf, user_code: body['user_code'] ?? '' };
  await browser.submit(typed);
  await browser.submit({ ...typed, confirm: 'yes' });
  await browser.submit({ action: 'login', name: 'alice', password: PASSWORD });
  await browser.submit({ action: 'allow' });
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code';
  const device_code = body['device_code'] ?? '';
  return () => auth.post('/token', { grant_type, client_id: CLI, device_code });
}

async function ofCode(): Promise<() => Promise<unknown>> {
  const verifier = newVerifier();
  const code = await codeOf(auth, verifier);
  return () => redeem(auth, code, verifier);
}

async function ofRefresh(): Promise<() => Promise<unknown>> {
  const { refreshToken } = await tokensOf(auth);
  return () => refresh(auth, refreshToken);
}

const ways = [
  ['an authorization code', ofCode],
  ['the code of a device', ofDevice],
  ['a refresh token', ofRefresh],
] as const;
const told = /^token-reuse \| refused \| alice@acme \| skynet-cli \| login:ID \| /;

it.each(ways)('%s that is used twice tells whose it was', async (_, begun) => {
  const use = await begun();
  await use();
  audit.take();
  await use();
  expect(audit.lines).toEqual([expect.stringMatching(told)]);
});

it.each(ways)('%s that is used twice at the same time tells whose it was', async (_, begun) => {
  const use = await begun();
  audit.take();
  await Promise.all([use(), use()]);
  expect(audit.lines).toContainEqual(expect.stringMatching(told));
});
