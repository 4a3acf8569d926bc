import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InteractionController } from './controllers/interaction.controller.js';
import { OAuthController } from './controllers/oauth.controller.js';
import { ActLines, routesOf, type Door } from './testing/acts-world.js';
import type { logIn } from './testing/oauth-login.js';
import {
  authorizePath,
  CLI,
  codeOf,
  newVerifier,
  redeem,
  refresh,
  tokensOf,
} from './testing/oauth-login.js';
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

let world: AuthWorld;
let auth: RunningAuth;
let audit: ActLines;
/** Whatever must be in no act. */
let secrets: string[];

const SCOPES = 'scopes=agents:read agents:spawn';
const LOGIN = 'login | allowed | alice@acme | skynet-cli | user:alice';
const CONSENT = `consent | allowed | alice@acme | skynet-cli | login:ID | ${SCOPES} | audience=${AUDIENCE}`;
const given = (grant: string) =>
  `token | allowed | alice@acme | skynet-cli | login:ID | grant=${grant} | ${SCOPES} | audience=${AUDIENCE}`;

beforeEach(async () => {
  audit = new ActLines();
  secrets = [PASSWORD, SECRET, 'canary'];
  world = Object.assign(await newWorld(), { audit });
  auth = await startAuth(world);
  await auth.addUser('alice');
});
afterEach(async () => {
  await auth.application.close();
  await removeWorld(world);
});

async function device(fields: Record<string, string>, userCode?: string) {
  const { body } = await auth.post('/device/authorize', { client_id: CLI, scope: 'agents:read' });
  secrets.push(body['user_code'] ?? '?', body['device_code'] ?? '?');
  const browser = auth.browser();
  const { text } = await browser.open('/device');
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
  const typed = { xsrf, user_code: userCode ?? body['user_code'] ?? '' };
  let shown = await browser.submit(typed);
  if (shown.text.includes('name="confirm"')) shown = await browser.submit({ ...typed, ...fields });
  if (shown.text.includes('name="password"')) {
    await browser.submit({ action: 'login', name: 'alice', password: PASSWORD });
    await browser.submit({ action: 'allow' });
  }
  return body['device_code'] ?? '';
}

async function login(options: Parameters<typeof logIn>[2] = {}, ...then: object[]) {
  const browser = auth.browser();
  await browser.open(authorizePath(newVerifier(), options));
  for (const fields of then) await browser.submit(fields as Record<string, string>);
}

const asAlice = { action: 'login', name: 'alice', password: PASSWORD };
const READS: readonly Door[] = [];

/** Every path of auth, and what leaves a record there. */
const doors: Readonly<Record<string, readonly Door[]>> = {
  'ALL .well-known/oauth-authorization-server': READS,
  'ALL .well-known/openid-configuration': READS,
  'ALL /jwks': READS,
  // Goes on with what a person has answered below.
  'ALL /authorize/:uid': READS,
  'ALL /device/:uid': READS,
  'ALL /authorize': [
    {
      what: 'a request that asks for nothing of ours',
      go: () => login({ changes: { resource: 'https://elsewhere.example' } }),
      acts: [
        'consent | refused | - | skynet-cli | - | invalid_target: resource indicator is missing, or unknown',
      ],
    },
    {
      what: 'a client that nobody knows, whose name may be a secret',
      go: () => login({ clientId: 'canary' }),
      acts: ['consent | refused | - | - | - | invalid_client: client not found'],
    },
    {
      what: 'a request that is too long',
      go: () => login({ scope: 'x'.repeat(9_000) }),
      acts: ['consent | refused | - | - | - | the request is too long'],
    },
  ],
  'GET interaction/:uid': [
    {
      what: 'roles that allow nothing of what is asked for',
      go: async () => {
        await auth.addUser('viewer', ['viewer']);
        const asViewer = { ...asAlice, name: 'viewer' };
        await login({ scope: 'agents:spawn' }, asViewer);
      },
      acts: [
        'login | allowed | viewer@acme | skynet-cli | user:viewer',
        'consent | refused | viewer@acme | skynet-cli | - | the roles of the user allow nothing of what the client asks for',
      ],
    },
  ],
  'POST interaction/:uid': [
    { what: 'the right password', go: () => login({}, asAlice), acts: [LOGIN] },
    {
      what: 'a wrong password',
      go: () => login({}, { ...asAlice, password: 'canary' }),
      acts: ['login | refused | acme | skynet-cli | user:alice | wrong password'],
    },
    {
      what: 'a name that nobody has, which may be a password',
      go: () => login({}, { ...asAlice, name: 'canary' }),
      acts: ['login | refused | - | skynet-cli | - | unknown name'],
    },
    {
      what: 'a user who is disabled',
      go: async () => {
        await auth.changeUser('alice', { disabled: true });
        await login({}, asAlice);
      },
      acts: ['login | refused | acme | skynet-cli | user:alice | the user is disabled'],
    },
    {
      what: 'too many tries',
      go: async () => {
        const wrong = { ...asAlice, password: 'canary' };
        await login({}, wrong, wrong, wrong, wrong, wrong, asAlice);
        audit.acts.splice(0, 5);
      },
      acts: ['login | refused | acme | skynet-cli | user:alice | too many tries'],
    },
    {
      what: 'a person who logs in and allows',
      go: () => login({}, asAlice, { action: 'allow' }),
      acts: [LOGIN, CONSENT],
    },
    {
      what: 'a person who logs in and does not allow',
      go: () => login({}, asAlice, { action: 'cancel' }),
      acts: [LOGIN, 'consent | refused | alice@acme | skynet-cli | - | called off by the person'],
    },
    {
      what: 'a person who does not log in',
      go: () => login({}, { action: 'cancel' }),
      acts: ['login | refused | - | skynet-cli | - | called off by the person'],
    },
    {
      what: 'a form of another site',
      go: async () => {
        const browser = auth.browser();
        await browser.open(authorizePath(newVerifier()));
        await browser.submit(asAlice, { origin: 'https://evil.example' });
      },
      acts: ['login | refused | - | - | - | this form was not sent from a page of this server'],
    },
  ],
  'ALL /device': [
    {
      what: 'the code, confirmed',
      go: () => device({ confirm: 'yes' }),
      acts: [
        'login | allowed | - | skynet-cli | - | device=code typed',
        LOGIN,
        `consent | allowed | alice@acme | skynet-cli | login:ID | scopes=agents:read | audience=${AUDIENCE}`,
        'login | allowed | alice@acme | skynet-cli | - | device=confirmed',
      ],
    },
    {
      what: 'the code of another program, called off',
      go: () => device({ abort: 'yes' }),
      acts: [
        'login | allowed | - | skynet-cli | - | device=code typed',
        'login | refused | - | - | - | called off by the person',
      ],
    },
    {
      what: 'a wrong code',
      go: () => device({}, 'CANA-RYXX'),
      acts: ['login | refused | - | - | - | the code of a device is wrong, used or too old'],
    },
    {
      what: 'a form of another site',
      go: async () => {
        const browser = auth.browser();
        await browser.open('/device');
        await browser.submit({ xsrf: 'wrong', user_code: 'canary' });
      },
      acts: ['login | refused | - | - | - | invalid_request: xsrf token invalid'],
    },
  ],
  'ALL /device/authorize': [
    {
      what: 'a client that nobody knows',
      go: () => auth.post('/device/authorize', { client_id: 'canary' }),
      acts: ['token | refused | - | - | - | invalid_client: client not found'],
    },
    {
      what: 'an address that asks too often',
      go: async () => {
        for (let count = 0; count < 62; count += 1) {
          await auth.post('/device/authorize', { client_id: CLI });
        }
      },
      acts: Array.from(
        { length: 2 },
        () => 'token | refused | - | - | - | too many requests from this address',
      ),
    },
  ],
  'ALL /token': [
    {
      what: 'a code',
      go: async () => secrets.push(...Object.values(await tokensOf(auth))),
      acts: [LOGIN, CONSENT, given('authorization_code')],
    },
    {
      what: 'a code that is none',
      go: () => redeem(auth, 'canary', newVerifier()),
      acts: [
        'token | refused | - | skynet-cli | - | invalid_grant: authorization code not found | grant=authorization_code',
      ],
    },
    {
      what: 'a code used twice',
      go: async () => {
        const verifier = newVerifier();
        const code = await codeOf(auth, verifier);
        secrets.push(code, verifier);
        await redeem(auth, code, verifier);
        audit.take();
        await redeem(auth, code, verifier);
      },
      acts: [
        'token-reuse | refused | alice@acme | skynet-cli | login:ID | invalid_grant: authorization code already consumed | grant=authorization_code',
      ],
    },
    {
      what: 'a wrong verifier',
      go: async () => {
        const code = await codeOf(auth, newVerifier());
        audit.take();
        await redeem(auth, code, newVerifier());
      },
      acts: [
        'token | refused | - | skynet-cli | - | invalid_grant: code_verifier does not match code_challenge | grant=authorization_code',
      ],
    },
    {
      what: 'a refresh token, and once more',
      go: async () => {
        const { refreshToken } = await tokensOf(auth);
        secrets.push(refreshToken);
        audit.take();
        await refresh(auth, refreshToken);
        await refresh(auth, refreshToken);
      },
      acts: [
        given('refresh_token'),
        'token-reuse | refused | alice@acme | skynet-cli | login:ID | invalid_grant: refresh token already used | grant=refresh_token',
      ],
    },
    {
      what: 'a refresh token that is none',
      go: () => refresh(auth, 'canary'),
      acts: [
        'token | refused | - | skynet-cli | - | invalid_grant: refresh token not found | grant=refresh_token',
      ],
    },
    {
      what: 'the secret of a client',
      go: () =>
        auth.post(
          '/token',
          { grant_type: 'client_credentials', scope: 'agents:read' },
          basic('builder', SECRET),
        ),
      acts: [
        `token | allowed | builder@acme | builder | client:builder | grant=client_credentials | scopes=agents:read | audience=${AUDIENCE}`,
      ],
    },
    {
      what: 'a wrong secret',
      go: () =>
        auth.post('/token', { grant_type: 'client_credentials' }, basic('builder', 'canary')),
      acts: [
        'token | refused | acme | builder | - | invalid_client: invalid secret provided | grant=client_credentials',
      ],
    },
    {
      what: 'a client that nobody knows, whose name may be a secret',
      go: () => auth.post('/token', { grant_type: 'canary' }, basic('canary', 'canary')),
      acts: ['token | refused | - | - | - | invalid_client: client not found'],
    },
    {
      what: 'too many wrong secrets',
      go: async () => {
        for (let count = 0; count < 31; count += 1) {
          await auth.post('/token', { grant_type: 'client_credentials' }, basic('builder', 'x'));
        }
        audit.acts.splice(0, 30);
      },
      acts: [
        'token | refused | acme | builder | - | temporarily_unavailable: too many tries, wait as long as Retry-After says | grant=client_credentials',
      ],
    },
    {
      what: 'the code of a device, before and after the person answers',
      go: async () => {
        const code = await device({ confirm: 'yes' });
        audit.take();
        await auth.post('/token', {
          grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
          client_id: CLI,
          device_code: code,
        });
      },
      acts: [
        `token | allowed | alice@acme | skynet-cli | login:ID | grant=device_code | scopes=agents:read | audience=${AUDIENCE}`,
      ],
    },
    {
      what: 'a device that asks while the person has not answered',
      go: async () => {
        const { body } = await auth.post('/device/authorize', { client_id: CLI });
        await auth.post('/token', {
          grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
          client_id: CLI,
          device_code: body['device_code'] ?? '',
        });
      },
      acts: [],
    },
  ],
  'ALL /revoke': [
    {
      what: 'a refresh token',
      go: async () => {
        const { refreshToken } = await tokensOf(auth);
        audit.take();
        await revoke(refreshToken);
      },
      acts: ['revoke | allowed | alice@acme | skynet-cli | login:ID'],
    },
    {
      what: 'an access token',
      go: async () => {
        const { accessToken } = await tokensOf(auth);
        secrets.push(accessToken);
        audit.take();
        await revoke(accessToken);
      },
      acts: ['revoke | allowed | alice@acme | skynet-cli | login:ID'],
    },
    {
      what: 'a wrong secret',
      go: () => auth.post('/revoke', { token: 'canary' }, basic('builder', 'canary')),
      acts: ['revoke | refused | acme | builder | - | invalid_client: invalid secret provided'],
    },
  ],
  'ALL /register': [
    {
      what: 'a client',
      go: () => auth.register({ client_name: 'canary', redirect_uris: ['http://localhost/x'] }),
      acts: ['client-registration | allowed | - | ID | client:ID'],
    },
    {
      what: 'a client that may not be',
      go: () => auth.register({ client_name: 'canary', redirect_uris: ['ftp://canary.example'] }),
      acts: ['client-registration | refused | - | - | - | invalid_redirect_uri'],
    },
    {
      what: 'a page of another site',
      go: () =>
        auth.post('/register', {}, { origin: 'https://evil.example' }).catch(() => undefined),
      acts: [
        'client-registration | refused | - | - | - | the page of another site may not do this',
      ],
    },
  ],
};

/** The answer is empty. */
const revoke = (token: string) =>
  auth.post('/revoke', { client_id: CLI, token }).catch(() => undefined);

it('every path has its lines', () => {
  expect(routesOf([OAuthController, InteractionController])).toEqual(Object.keys(doors).sort());
});

describe.each(Object.entries(doors).filter(([, of]) => of.length > 0))('%s', (_path, of) => {
  it.each(of.map((door) => [door.what, door] as const))('tells of %s', async (_, { go, acts }) => {
    await go();
    expect(audit.lines).toEqual(acts);
    const told = JSON.stringify(audit.acts).toLowerCase();
    expect(secrets.filter((secret) => told.includes(secret.toLowerCase()))).toEqual([]);
    expect(audit.acts.every(({ address }) => address?.endsWith('127.0.0.1'))).toBe(true);
  });
});
