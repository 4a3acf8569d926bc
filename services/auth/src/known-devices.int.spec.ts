import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Browser, type Shown } from './testing/browser.js';
import { authorizePath, logIn, newVerifier } from './testing/oauth-login.js';
import {
  newWorld,
  PASSWORD,
  removeWorld,
  startAuth,
  type AuthWorld,
  type RunningAuth,
} from './testing/running-auth.js';

const HOME = '198.51.100.1';
const ELSEWHERE = '203.0.113.1';

let world: AuthWorld;
let auth: RunningAuth;
/** One in which alice has logged in. */
let known: Browser;

beforeEach(async () => {
  world = await newWorld();
  auth = await startAuth(world, { AUTH_BEHIND_PROXY: 'true' });
  await auth.addUser('alice');
  known = auth.browser();
  await tryFrom(known, HOME, PASSWORD);
  world.aheadMs += 13 * 60 * 60_000;
});
afterEach(async () => {
  await auth.application.close();
  await removeWorld(world);
});

async function tryFrom(
  browser: Browser,
  address: string,
  password = 'wrong',
  user = 'alice',
): Promise<Shown> {
  await browser.open(authorizePath(newVerifier()));
  const fields = { action: 'login', name: user, password };
  return browser.submit(fields, { 'x-forwarded-for': address });
}

/** As many wrong tries as get through: all that a stranger can do. */
async function attack(tries: number, addressOf: (count: number) => string, user = 'alice') {
  const browser = auth.browser();
  for (let count = 0; count < tries; count += 1) {
    await tryFrom(browser, addressOf(count), 'wrong', user);
  }
}

const isIn = ({ status, text }: Shown) => status === 200 && text.includes('value="allow"');

describe('a browser in which the user has logged in', () => {
  it('gets a cookie that no script reads and no other page sends along', async () => {
    const shown = await tryFrom(auth.browser(), HOME, PASSWORD);
    expect(isIn(shown)).toBe(true);
    const set = known.attributesOf('_device_');
    expect(set).toContain('path=/interaction');
    expect(set).toContain('httponly');
    expect(set).toContain('samesite=lax');
    expect(set).not.toContain('secure');
  });

  it('gets it for https only where the issuer is there', async () => {
    const issuer = 'https://auth.test';
    const secure = await startAuth(world, { AUTH_ISSUER: issuer });
    try {
      const browser = new Browser(issuer, secure.url);
      await logIn(secure, newVerifier(), { browser });
      expect(browser.attributesOf('_device_')).toContain('secure');
    } finally {
      await secure.application.close();
    }
  });

  it('lets the right password in at once while the name is attacked from many addresses', async () => {
    await attack(40, (count) => `203.0.113.${count}`);
    expect((await tryFrom(auth.browser(), HOME, PASSWORD)).status).toBe(429);
    expect(isIn(await tryFrom(known, HOME, PASSWORD))).toBe(true);
  });

  it('lets the right password in at once while its address is attacked from', async () => {
    for (let count = 0; count < 24; count += 1) await attack(5, () => HOME, `user-${count}`);
    expect((await tryFrom(auth.browser(), HOME, PASSWORD)).status).toBe(429);
    expect(isIn(await tryFrom(known, HOME, PASSWORD))).toBe(true);
  });

  it('does so at every replica', async () => {
    await attack(40, (count) => `203.0.113.${count}`);
    const other = await startAuth(world, { AUTH_BEHIND_PROXY: 'true' });
    try {
      known.moveTo(other.url);
      expect(isIn(await tryFrom(known, HOME, PASSWORD))).toBe(true);
    } finally {
      await other.application.close();
    }
  });

  it('must wait after five wrong tries of its own, wherever it is, and nobody else must', async () => {
    for (let count = 0; count < 5; count += 1) {
      expect((await tryFrom(known, `203.0.113.${count}`)).status).toBe(401);
    }
    expect((await tryFrom(known, ELSEWHERE, PASSWORD)).text).toContain('Wait 1 s.');
    expect(isIn(await tryFrom(auth.browser(), ELSEWHERE, PASSWORD))).toBe(true);
  });

  it('is one of a stranger after twenty wrong tries', async () => {
    for (let count = 0; count < 20; count += 1) {
      expect((await tryFrom(known, HOME)).status).toBe(401);
      world.aheadMs += 16 * 60_000;
    }
    await attack(40, (count) => `203.0.113.${count}`);
    expect((await tryFrom(known, HOME, PASSWORD)).status).toBe(429);
  });

  it.each([
    ['has got another password', () => auth.changePassword('alice', 'another long password')],
    ['was disabled meanwhile', () => disableForAWhile()],
  ])('is one of a stranger when the user %s', async (_, happens) => {
    await happens();
    await attack(40, (count) => `203.0.113.${count}`);
    expect((await tryFrom(known, HOME, 'another long password')).status).toBe(429);
  });
});

async function disableForAWhile(): Promise<void> {
  await auth.changeUser('alice', { disabled: true });
  await auth.changeUser('alice', { disabled: false });
}

describe('the cookie of another user', () => {
  it('does not help, under the name of the one attacked neither', async () => {
    await auth.addUser('mallory');
    const thief = auth.browser();
    await tryFrom(thief, ELSEWHERE, PASSWORD, 'mallory');
    thief.renameCookies('_device_', known);
    await attack(40, (count) => `203.0.113.${count}`);
    world.aheadMs += 13 * 60 * 60_000;
    await attack(40, (count) => `203.0.113.${count}`);
    expect((await tryFrom(thief, HOME, PASSWORD)).status).toBe(429);
    expect(isIn(await tryFrom(known, HOME, PASSWORD))).toBe(true);
  });
});
