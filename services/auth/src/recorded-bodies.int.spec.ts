import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ActLines } from './testing/acts-world.js';
import { authorizePath, newVerifier } from './testing/oauth-login.js';
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
  expect(JSON.stringify(audit.acts)).not.toContain('canary');
  await auth.application.close();
  await removeWorld(world);
});

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const HALF = '{"canary":';

interface Sent {
  readonly method?: string;
  readonly authorization: string;
  readonly type: string;
  readonly body: string;
}

async function send(path: string, { method = 'POST', authorization, type, body }: Sent) {
  const headers = { authorization, 'content-type': type };
  const { status } = await fetch(`${auth.url}${path}`, { method, headers, body });
  return status;
}

describe('a body of an administrator that is not taken leaves a record without its words', () => {
  async function bearerOfBoss(): Promise<string> {
    const parameters = { grant_type: 'client_credentials', resource: `${ISSUER}/admin` };
    const { body } = await auth.post('/token', parameters, basic('boss', SECRET));
    return `Bearer ${body['access_token']}`;
  }

  const bodies = [
    { what: 'no JSON', body: HALF, status: 400, reason: 'the body is not JSON' },
    { what: 'other fields', body: '{"canary":1}', status: 400, reason: 'INVALID_ARGUMENTS' },
    {
      what: 'too long',
      body: JSON.stringify({ canary: 'x'.repeat(20_000) }),
      status: 413,
      reason: 'the body is too long',
    },
    {
      what: 'too deep',
      body: `{"canary":${'['.repeat(7_000)}${']'.repeat(7_000)}}`,
      status: 400,
      reason: 'INVALID_ARGUMENTS',
    },
  ];
  const paths = [
    { asked: 'POST users', act: 'add-user', on: '-' },
    { asked: 'PATCH users/alice', act: 'change-user', on: 'user:alice' },
    { asked: 'POST clients', act: 'add-client', on: '-' },
    { asked: 'PATCH clients/ci', act: 'change-client', on: 'client:ci' },
    { asked: 'POST clients/ci/secret', act: 'change-client', on: 'client:ci', more: 'secret' },
  ];
  const each = paths.flatMap((path) => bodies.map((body) => ({ ...path, ...body })));

  it.each(each)('$asked: $what', async ({ asked, act, on, body, status, reason, more }) => {
    const [method, path] = asked.split(' ');
    const authorization = await bearerOfBoss();
    const client = JSON.stringify({ clientId: 'ci', roles: ['viewer'] });
    await send('/admin/clients', { authorization, type: JSON_TYPE, body: client });
    audit.take();
    const sent = { method, authorization, type: JSON_TYPE, body };
    expect(await send(`/admin/${path}`, sent)).toBe(status);
    const changed = more === undefined ? '' : ` | changed=${more}`;
    expect(audit.lines).toEqual([
      `${act} | refused | boss@acme | boss | ${on} | ${reason}${changed}`,
    ]);
  });
});

describe('a body that the OAuth server does not take leaves a record', () => {
  const noForm = (path: string) =>
    `invalid_request: only ${FORM} content-type bodies are supported on POST ${path}`;
  const long = `canary=${'x'.repeat(60_000)}`;

  it.each([
    { path: '/token', act: 'token', type: 'text/canary', body: HALF, reason: noForm('/token') },
    {
      path: '/token',
      act: 'token',
      type: FORM,
      body: long,
      reason: 'invalid_request: request entity too large',
    },
    { path: '/revoke', act: 'revoke', type: 'text/canary', body: HALF, reason: noForm('/revoke') },
    {
      path: '/device/authorize',
      act: 'token',
      type: JSON_TYPE,
      body: HALF,
      reason: noForm('/device/authorize'),
    },
    {
      path: '/device/authorize',
      act: 'token',
      type: FORM,
      body: long,
      reason: 'the request is too long',
    },
    { path: '/device', act: 'login', type: JSON_TYPE, body: HALF, reason: noForm('/device') },
    {
      path: '/register',
      act: 'client-registration',
      type: 'text/canary',
      body: HALF,
      reason: 'invalid_request',
    },
    {
      path: '/register',
      act: 'client-registration',
      type: JSON_TYPE,
      body: HALF,
      reason: 'invalid_request',
    },
  ])('$path: $type, $reason', async ({ path, act, type, body, reason }) => {
    const { authorization = '' } = basic('builder', SECRET);
    await send(path, { authorization, type, body });
    expect(audit.lines).toEqual([`${act} | refused | - | - | - | ${reason}`]);
  });
});

it('a form of a person that is too long leaves a record', async () => {
  const browser = auth.browser();
  await browser.open(authorizePath(newVerifier()));
  const password = 'canary'.repeat(4_000);
  const { status } = await browser.submit({ action: 'login', name: 'alice', password });
  expect(status).toBe(413);
  expect(audit.lines).toEqual(['login | refused | - | - | - | the body is too long']);
});
