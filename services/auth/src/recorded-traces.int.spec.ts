import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, RecordingTracing } from '@skynet/testing';
import { writeClients } from './clients/clients-file.js';
import { ActLines } from './testing/acts-world.js';
import { authorizePath, newVerifier } from './testing/oauth-login.js';
import {
  basic,
  ISSUER,
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
let tracing: RecordingTracing;

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${TRACE_ID}-b7ad6b7169203331-01`;

beforeEach(async () => {
  audit = new ActLines();
  tracing = new RecordingTracing();
  world = Object.assign(await newWorld(), { audit, tracing });
  auth = await startAuth(world);
  await auth.addUser('alice');
});
afterEach(async () => {
  await auth.application.close();
  await removeWorld(world);
});

const CLIENT = { grant_type: 'client_credentials' };
const ownToken = (headers = {}, parameters = {}) =>
  auth.post('/token', { ...CLIENT, ...parameters }, { ...basic('boss', SECRET), ...headers });

async function admin(path: string, headers: Readonly<Record<string, string>> = {}) {
  const { body } = await ownToken({}, { resource: `${ISSUER}/admin` });
  audit.take();
  const authorization = `Bearer ${body['access_token']}`;
  await fetch(`${auth.url}/admin/${path}`, {
    method: 'PATCH',
    headers: { authorization, ...headers },
    body: JSON.stringify({ disabled: true }),
  });
}

async function login(password: string) {
  const browser = auth.browser();
  await browser.open(authorizePath(newVerifier()));
  audit.take();
  await browser.submit({ action: 'login', name: 'alice', password }, { traceparent });
}

describe('an act', () => {
  it.each([
    ['a login', () => login(PASSWORD)],
    ['no login', () => login('wrong')],
    ['a token', () => ownToken({ traceparent })],
    ['no token', () => auth.post('/token', CLIENT, { ...basic('boss', 'x'), traceparent })],
    ['a registration', () => auth.post('/register', {}, { traceparent })],
    ['a change', () => admin('users/alice', { traceparent })],
    ['no change', () => admin('users/nobody', { traceparent })],
    ['no access', () => fetch(`${auth.url}/admin/users`, { headers: { traceparent } })],
    [
      'a door that stays shut',
      () => auth.post('/register', {}, { traceparent, origin: 'https://evil.example' }),
    ],
  ])('is recorded with the trace that the request was sent with: %s', async (_, ask) => {
    await ask().catch(() => undefined);
    const traces = audit.acts.map((act) => act.traceparent?.split('-')[1]);
    expect([...new Set(traces)]).toEqual([TRACE_ID]);
  });

  it.each([{}, { traceparent: 'canary' }])('begins a trace where %j was sent', async (headers) => {
    await ownToken(headers);
    const [span] = tracing.spans;
    // It ends when the answer is out, which the client may have before.
    await eventually(() => expect(span?.isEnded).toBe(true));
    const named = { name: 'POST /token', parent: undefined, kind: 'server' };
    expect(tracing.spans).toMatchObject([named]);
    expect(audit.acts.map((act) => act.traceparent)).toEqual([span?.traceparent]);
  });

  it('of the operator has no trace of the request that noticed it', async () => {
    await writeClients(join(world.folder, 'clients.json'), []);
    await ownToken({ traceparent });
    const acts = audit.acts.filter(({ act }) => act === 'change-clients-file');
    expect(acts.length).toBeGreaterThan(0);
    expect(acts.filter((act) => act.traceparent !== undefined)).toEqual([]);
  });
});

it('a probe is no span', async () => {
  await fetch(`${auth.url}/health/live`);
  expect(tracing.spans).toEqual([]);
});
