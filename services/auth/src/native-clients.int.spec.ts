import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { authorizePath, codeOf, newVerifier, redeem } from './testing/oauth-login.js';
import {
  newWorld,
  PASSWORD,
  removeWorld,
  startAuth,
  type AuthWorld,
  type RunningAuth,
} from './testing/running-auth.js';

const CURSOR = 'cursor://anysphere.cursor-mcp/oauth/callback';
/** As VS Code registers. */
const VS_CODE = {
  client_name: 'Visual Studio Code',
  grant_types: [
    'authorization_code',
    'refresh_token',
    'urn:ietf:params:oauth:grant-type:device_code',
  ],
  response_types: ['code'],
  redirect_uris: [
    'https://insiders.vscode.dev/redirect',
    'https://vscode.dev/redirect',
    'http://127.0.0.1/',
    'http://127.0.0.1:33418/',
  ],
  token_endpoint_auth_method: 'none',
  application_type: 'native',
};

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

async function registered(metadata: object): Promise<string> {
  const { status, body } = await auth.register(metadata);
  expect([status, body]).toEqual([
    201,
    expect.objectContaining({ application_type: expect.any(String) }),
  ]);
  return body['client_id'] ?? '';
}

async function consentOf(clientId: string, redirectUri: string): Promise<string> {
  const browser = auth.browser();
  await browser.open(authorizePath(newVerifier(), { clientId, redirectUri }));
  const { text } = await browser.submit({ action: 'login', name: 'alice', password: PASSWORD });
  return text.replace(/\s+/g, ' ');
}

describe('a program that is called back by a scheme of its own', () => {
  const said = { client_name: 'Cursor', redirect_uris: [CURSOR] };

  it.each([{}, { application_type: 'native' }])(
    'registers, gets its code there and tokens for it: %j',
    async (more) => {
      const clientId = await registered({ ...said, ...more });
      const verifier = newVerifier();
      const code = await codeOf(auth, verifier, { clientId, redirectUri: CURSOR });
      const theirs = { client_id: clientId, redirect_uri: CURSOR };
      const stolen = await redeem(auth, code, newVerifier(), theirs);
      expect(stolen).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      const again = await codeOf(auth, verifier, { clientId, redirectUri: CURSOR });
      expect(await redeem(auth, again, verifier, theirs)).toMatchObject({
        status: 200,
        body: { refresh_token: expect.any(String) },
      });
    },
  );

  it.each([`${CURSOR}/`, `${CURSOR}?x=1`, 'cursor://other/oauth/callback', 'cursor:/callback'])(
    'is called back at no other place: %s',
    async (redirectUri) => {
      const clientId = await registered(said);
      const { status, url } = await auth
        .browser()
        .open(authorizePath(newVerifier(), { clientId, redirectUri }));
      expect([status, url.protocol]).toEqual([400, 'http:']);
    },
  );

  it('is shown by its scheme, with a warning that others can claim it', async () => {
    const text = await consentOf(await registered(said), CURSOR);
    expect(text).toContain('opens <code>cursor:</code> links. Any program can claim to be the one');
    expect(text).not.toContain('anysphere');
  });

  it.each(['evil-app:/callback', 'javascript:alert(1)', 'data:text/html,x', 'file:///tmp/x'])(
    'is told that its scheme is not allowed: %s',
    async (uri) => {
      const { status, body } = await auth.register({
        redirect_uris: [CURSOR, uri],
        application_type: 'native',
      });
      expect([status, body['error']]).toEqual([400, 'invalid_redirect_uri']);
      expect(body['error_description']).toContain(uri.split(':')[0]);
    },
  );

  it('may claim to be a web page, as Cursor does, with a page and a port beside the scheme', async () => {
    const redirectUris = [
      'http://localhost:8787/callback',
      'https://www.cursor.com/agents/mcp/oauth/callback',
      CURSOR,
    ];
    const { status, body } = await auth.register({
      ...said,
      redirect_uris: redirectUris,
      application_type: 'web',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    });
    expect([status, body]).toEqual([201, expect.objectContaining({ application_type: 'native' })]);
    for (const redirectUri of redirectUris) {
      const clientId = body['client_id'] ?? '';
      expect(await codeOf(auth, newVerifier(), { clientId, redirectUri })).toBeTruthy();
    }
  });

  it('must have a scheme that the operator allows', async () => {
    await auth.application.close();
    auth = await startAuth(world, { AUTH_REDIRECT_SCHEMES: 'com.example.app' });
    const own = await auth.register({ redirect_uris: ['com.example.app:/callback'] });
    expect(own.status).toBe(201);
    const cursor = await auth.register(said);
    expect(cursor.body).toMatchObject({
      error: 'invalid_redirect_uri',
      error_description:
        'redirect_uris: the scheme cursor is none that this server allows (com.example.app)',
    });
  });
});

describe('an editor that names web pages and its own machine', () => {
  it('registers as it does, and is called back at either', async () => {
    const clientId = await registered(VS_CODE);
    for (const redirectUri of ['https://vscode.dev/redirect', 'http://127.0.0.1:50123/']) {
      const verifier = newVerifier();
      const code = await codeOf(auth, verifier, { clientId, redirectUri });
      const theirs = { client_id: clientId, redirect_uri: redirectUri };
      expect((await redeem(auth, code, verifier, theirs)).status).toBe(200);
    }
    expect(await consentOf(clientId, 'https://vscode.dev/redirect')).toContain(
      'Access goes to <code>vscode.dev</code>.</p>',
    );
  });
});

describe('a client of the web', () => {
  it('is kept as one, and is called back at exactly what it named', async () => {
    const redirectUri = 'https://claude.ai/api/mcp/auth_callback';
    const { body } = await auth.register({ redirect_uris: [redirectUri] });
    expect(body).toMatchObject({ application_type: 'web', redirect_uris: [redirectUri] });
    const clientId = body['client_id'] ?? '';
    const code = await codeOf(auth, newVerifier(), { clientId, redirectUri });
    expect(code).toBeTruthy();
  });
});
