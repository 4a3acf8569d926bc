import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  authorizePath,
  codeOf,
  logIn,
  newVerifier,
  redeem,
  refresh,
  tokensOf,
} from './testing/oauth-login.js';
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
let verifier: string;

beforeEach(async () => {
  world = await newWorld();
  auth = await startAuth(world);
  await auth.addUser('alice');
  verifier = newVerifier();
});
afterEach(async () => {
  await auth.application.close();
  await removeWorld(world);
});

describe('a login by browser', () => {
  it('ends at the client with a code that becomes a token for the edge', async () => {
    const { url } = await logIn(auth, verifier);
    expect(url.href).toMatch(/^http:\/\/127\.0\.0\.1:5555\/callback\?/);
    expect(url.searchParams.get('state')).toBe('the-state');
    expect(url.searchParams.get('iss')).toBe(ISSUER);
    const answer = await redeem(auth, url.searchParams.get('code') ?? '', verifier);
    expect(answer).toMatchObject({ status: 200, body: { token_type: 'Bearer', expires_in: 600 } });
    expect(await auth.claims(answer.body['access_token'] ?? '')).toMatchObject({
      sub: 'alice',
      client_id: 'skynet-cli',
      tenant: 'acme',
      roles: ['operator'],
      scope: 'agents:read agents:spawn',
      aud: AUDIENCE,
    });
  });

  it('asks for what everyday work needs when the client names no scope', async () => {
    const code = await codeOf(auth, verifier, { changes: { scope: undefined } });
    const { body } = await redeem(auth, code, verifier);
    expect(body['scope']).toBe('agents:read agents:spawn agents:control');
  });

  it('tells who asks, for what, and where access goes', async () => {
    const browser = auth.browser();
    const login = await browser.open(authorizePath(verifier));
    expect(login.text).toContain('Skynet command line');
    const consent = await browser.submit({ action: 'login', name: 'alice', password: PASSWORD });
    for (const said of ['Skynet command line', 'alice', 'agents:read', 'agents:spawn']) {
      expect(consent.text).toContain(said);
    }
    expect(consent.text).toContain('<code>127.0.0.1:5555</code>');
    expect(consent.text).toContain('program on this computer');
  });

  it('shows pages that run no script, are framed by nobody and lead to the client only', async () => {
    const { headers } = await auth.browser().open(authorizePath(verifier));
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self' http://127.0.0.1:5555");
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('need not be repeated in the same browser, but access is allowed each time anew', async () => {
    const browser = auth.browser();
    await logIn(auth, verifier, { browser });
    const again = await browser.open(authorizePath(newVerifier()));
    expect(again.text).not.toContain('name="password"');
    expect(again.text).toContain('value="allow"');
  });

  it('gives the client an error when the person cancels', async () => {
    const browser = auth.browser();
    await browser.open(authorizePath(verifier));
    const { url } = await browser.submit({ action: 'cancel' });
    expect(url.searchParams.get('error')).toBe('access_denied');
  });

  it('is over once it was answered', async () => {
    const browser = auth.browser();
    const { url } = await browser.open(authorizePath(verifier));
    await browser.submit({ action: 'cancel' });
    const shown = await browser.open(url.pathname);
    expect(shown.status).toBe(400);
    expect(shown.text).toContain('This login is over');
  });

  it('can not be answered from a page of another server, nor from another browser', async () => {
    const browser = auth.browser();
    const { url } = await browser.open(authorizePath(verifier));
    const fields = { action: 'login', name: 'alice', password: PASSWORD };
    const foreign = await browser.submit(fields, { origin: 'http://evil.test' });
    expect(foreign.status).toBe(403);
    const other = auth.browser();
    await other.open(url.pathname);
    expect((await other.submit(fields)).text).toContain('This login is over');
  });
});

describe('somebody who does not know the password', () => {
  const wrongPassword = { password: 'wrong' };

  it('learns nothing of who exists', async () => {
    const wrong = await logIn(auth, verifier, wrongPassword);
    const unknown = await logIn(auth, verifier, { user: 'nobody', ...wrongPassword });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.text).toContain('Name or password is wrong.');
    expect(unknown.text.replaceAll('nobody', 'alice')).toBe(wrong.text);
  });

  it('must wait after five tries, with the right password too, and longer after each', async () => {
    for (let tries = 0; tries < 5; tries += 1) await logIn(auth, verifier, wrongPassword);
    const throttled = await logIn(auth, verifier);
    expect(throttled.status).toBe(429);
    expect(throttled.text).toContain('Wait 1 s.');
    world.aheadMs += 1_001;
    await logIn(auth, verifier, wrongPassword);
    expect((await logIn(auth, verifier)).text).toContain('Wait 2 s.');
    world.aheadMs += 2_001;
    expect((await logIn(auth, verifier)).url.searchParams.has('code')).toBe(true);
  });

  it('finds no way around it by many tries at once', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, () => logIn(auth, newVerifier(), wrongPassword)),
    );
    expect(outcomes.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(5);
  });

  it('does not see the password in the log', async () => {
    await logIn(auth, verifier, { user: 'my-secret-password' });
    await logIn(auth, verifier);
    const logged = auth.logged.join('');
    expect(logged).toContain('login failed');
    expect(logged).not.toContain('my-secret-password');
    expect(logged).not.toContain(PASSWORD);
  });
});

describe('what a user may do', () => {
  it('is all that a client gets, whatever it asks for', async () => {
    await auth.addUser('victor', ['viewer']);
    const browser = auth.browser();
    await browser.open(authorizePath(verifier, { scope: 'agents:read agents:admin' }));
    const fields = { action: 'login', name: 'victor', password: PASSWORD };
    const consent = await browser.submit(fields);
    expect(consent.text).toContain('agents:admin, which your roles do not allow');
    const { url } = await browser.submit({ action: 'allow' });
    const { body } = await redeem(auth, url.searchParams.get('code') ?? '', verifier);
    expect(body['scope']).toBe('agents:read');
  });

  it('may be nothing of what was asked for', async () => {
    await auth.addUser('victor', ['viewer']);
    const shown = await logIn(auth, verifier, { user: 'victor', scope: 'agents:admin' });
    expect(shown.status).toBe(403);
    expect(shown.text).toContain('Nothing to allow');
  });

  it('is looked at again with each new token', async () => {
    const { refreshToken } = await tokensOf(auth);
    await auth.changeUser('alice', { roles: ['viewer'] });
    const { body } = await refresh(auth, refreshToken);
    expect(body['scope']).toBe('agents:read');
    const claims = await auth.claims(body['access_token'] ?? '');
    expect(claims).toMatchObject({ roles: ['viewer'], scope: 'agents:read' });
  });
});

describe('a user who is disabled', () => {
  it('can not log in, in a known browser neither, and gets no new tokens', async () => {
    const browser = auth.browser();
    const { refreshToken } = await tokensOf(auth, { browser });
    await auth.changeUser('alice', { disabled: true });
    expect((await logIn(auth, verifier)).status).toBe(401);
    expect((await browser.open(authorizePath(verifier))).text).toContain('name="password"');
    const refused = await refresh(auth, refreshToken);
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('gets no token for a code of the moment before', async () => {
    const code = await codeOf(auth, verifier);
    await auth.changeUser('alice', { disabled: true });
    expect(await redeem(auth, code, verifier)).toMatchObject({ status: 400 });
  });
});

describe('a changed password', () => {
  it('ends every login that was made with the old one', async () => {
    const browser = auth.browser();
    const { refreshToken } = await tokensOf(auth, { browser });
    world.aheadMs += 5_000;
    await auth.changePassword('alice', 'another long password');
    expect((await browser.open(authorizePath(verifier))).text).toContain('name="password"');
    expect(await refresh(auth, refreshToken)).toMatchObject({ status: 400 });
    expect((await logIn(auth, verifier)).status).toBe(401);
  });
});

describe('a client that does it wrong', () => {
  it.each([
    ['sends no challenge', { code_challenge: undefined }, 'invalid_request'],
    ['sends its challenge in the clear', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['wants a token at once', { response_type: 'token' }, 'unsupported_response_type'],
    ['wants a token for another server', { resource: 'http://evil.test/mcp' }, 'invalid_target'],
  ])('gets an error when it %s', async (_what, changes, error) => {
    const { url } = await auth.browser().open(authorizePath(verifier, { changes }));
    // Errors of a token wanted at once come behind the #.
    const answer = new URLSearchParams(url.search || url.hash.slice(1));
    expect(answer.get('error')).toBe(error);
    expect(answer.has('code')).toBe(false);
  });

  it.each([
    ['a redirect that it never named', { redirect_uri: 'https://evil.test/callback' }],
    ['another path', { redirect_uri: 'http://127.0.0.1:5555/other' }],
    ['an id that nobody has', { client_id: 'nobody' }],
  ])('is redirected nowhere with %s', async (_what, changes) => {
    const { url, status } = await auth.browser().open(authorizePath(verifier, { changes }));
    expect([url.origin, status]).toEqual([ISSUER, 400]);
  });

  it('gets no token with another verifier, and the code stays good for the right one', async () => {
    const code = await codeOf(auth, verifier);
    const wrong = await redeem(auth, code, newVerifier());
    expect(wrong).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await redeem(auth, code, verifier)).toMatchObject({ status: 200 });
  });

  it('gets no token with another redirect', async () => {
    const code = await codeOf(auth, verifier);
    const changes = { redirect_uri: 'http://127.0.0.1:6666/callback' };
    expect(await redeem(auth, code, verifier, changes)).toMatchObject({ status: 400 });
  });

  it('gets no token for another server', async () => {
    const code = await codeOf(auth, verifier);
    const answer = await redeem(auth, code, verifier, { resource: 'http://evil.test/mcp' });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
  });

  it('loses all that came of a code when it is used twice', async () => {
    const code = await codeOf(auth, verifier);
    const { body } = await redeem(auth, code, verifier);
    expect(await redeem(auth, code, verifier)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    expect(await refresh(auth, body['refresh_token'] ?? '')).toMatchObject({ status: 400 });
  });

  it('gets one token at most when it uses a code many times at once', async () => {
    const code = await codeOf(auth, verifier);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => redeem(auth, code, verifier)),
    );
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
  });
});
