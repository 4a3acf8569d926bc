import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { RemoteToolHost } from '@skynet/tool-host';
import { KnownSecrets } from '../../secrets/known-secrets.js';
import {
  guardToolServer,
  type GuardedToolServer,
} from '../../testing/authorization/guarded-tool-server.js';
import type { TokenRequest } from '../../testing/authorization/authorization-server.js';
import { aServer } from '../../testing/registries.js';
import { startToolProgram } from '../../testing/tool-programs.js';
import { McpToolServer } from '../mcp/mcp-tool-server.adapter.js';
import type { RemoteEntry } from '../remote-entry.js';
import { beginLogin, endLogin, forgetLogin, LOGIN_LIMIT_MS } from './person-login.js';
import { ServerLogins } from './server-logins.js';

const never = new AbortController().signal;
const CLIENT_REFUSED = ['invalid_client', 'unauthorized_client'];
const BACK = 'http://127.0.0.1:1/callback';

let open: string;
let child: ChildProcess;
let guarded: GuardedToolServer;
let folder: string;
let secrets: KnownSecrets;
let clock: ManualClock;
const servers: McpToolServer[] = [];

beforeAll(async () => {
  ({ child, url: open } = await startToolProgram('http-tool-server.mjs', '2026'));
});
afterAll(() => void child.kill('SIGKILL'));
beforeEach(async () => {
  guarded = await guardToolServer(open);
  folder = mkdtempSync(join(tmpdir(), 'skynet-logins-'));
  secrets = new KnownSecrets();
  clock = new ManualClock();
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await guarded.close();
  rmSync(folder, { recursive: true });
});

const aRuntime = (more: object = {}) =>
  new ServerLogins({ folder, clock, log: silentLogger, secrets, ...more });

function entryWith(more: Partial<RemoteEntry> = {}): RemoteEntry {
  return aServer({ url: guarded.url, ...more }) as RemoteEntry;
}

function connect(logins: ServerLogins, entry = entryWith()): McpToolServer {
  const hosts = new RemoteToolHost({ path: '/nowhere' });
  const rest = { folder, hidden: [], hosts, clock: systemClock, log: silentLogger };
  const server = new McpToolServer('crm', { entry, logins, ...rest });
  servers.push(server);
  return server;
}

const look = (server: McpToolServer) =>
  server.call({ tool: 'look', arguments: {}, timeoutMs: 10_000 }, never);

/** A person who opens the page and says yes; what their browser brings back. */
async function openPage(page: string): Promise<Record<string, string>> {
  const { headers } = await fetch(page, { redirect: 'manual' });
  return Object.fromEntries(new URL(headers.get('location') ?? '').searchParams);
}

async function logIn(logins: ServerLogins, entry = entryWith(), change: object = {}) {
  const server = { name: 'crm', entry };
  const { page } = await beginLogin(server, BACK, logins);
  return endLogin(server, { ...(await openPage(page)), ...change }, logins);
}

async function reasonOf(asked: Promise<unknown>): Promise<string> {
  return asked.then(
    (result) => `answered: ${JSON.stringify(result)}`,
    (error: unknown) => String(error),
  );
}

const refuseWith = (error: string) =>
  (guarded.authorization.answersToken = () => Promise.resolve({ status: 400, body: { error } }));
const basicOf = ({ authorization = '' }: Partial<TokenRequest> = {}) =>
  decodeURIComponent(Buffer.from(authorization.slice('Basic '.length), 'base64').toString());
const refreshes = () =>
  guarded.tokenRequests.filter(({ form }) => form['grant_type'] === 'refresh_token');

describe('a server that wants a person to log in', () => {
  it('says how, and that nothing was done', async () => {
    const server = connect(aRuntime());
    const calling = look(server);
    await expect(calling).rejects.toMatchObject({ retry: 'later' });
    const expected =
      'crm: no connection: it wants a person to log in: run "skynet tools login crm"';
    expect(await reasonOf(look(server))).toBe(`WorldError: ${expected}`);
    await expect(server.list()).rejects.toThrow('run "skynet tools login crm"');
    expect(server.state).toMatchObject({ kind: 'failed' });
    expect(guarded.authorization.registered).toEqual([]);
  });

  it('is called with the token of the login, also by another replica and after a restart', async () => {
    const [logins, other] = [aRuntime(), aRuntime()];
    const waiting = connect(logins);
    await reasonOf(look(waiting));
    await logIn(logins);
    expect(await look(waiting)).toMatchObject({ isError: false });
    expect(await look(connect(other))).toMatchObject({ isError: false });
    expect(guarded.tokenRequests).toHaveLength(1);
    const [{ form } = { form: {} }] = guarded.tokenRequests;
    expect(form).toMatchObject({ grant_type: 'authorization_code', resource: guarded.url });
    const [page] = guarded.authorization.pages;
    expect(page?.searchParams.get('code_challenge_method')).toBe('S256');
    expect(page?.searchParams.get('resource')).toBe(guarded.url);
    const registered = { redirect_uris: [BACK], application_type: 'native' };
    expect(guarded.authorization.registered).toMatchObject([registered]);
  });

  it('is shown what its login got, and no text of others has it', async () => {
    await logIn(aRuntime());
    expect(secrets.cut('got access-token-1 and refresh-token-1')).toBe('got *** and ***');
    expect(readdirSync(folder)).toEqual(['crm.json']);
  });

  it('gets no token that is for another URL of its name', async () => {
    const logins = aRuntime();
    await logIn(logins);
    const other = await guardToolServer(open);
    const entry = entryWith({ url: other.url });
    expect(await reasonOf(look(connect(logins, entry)))).toContain('skynet tools login crm');
    expect(other.tokenRequests).toEqual([]);
    await other.close();
  });

  it('can be logged out of', async () => {
    const logins = aRuntime();
    await logIn(logins);
    expect(await forgetLogin('crm', logins)).toBe(true);
    expect(await forgetLogin('crm', logins)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
    expect(await reasonOf(look(connect(logins)))).toContain('skynet tools login crm');
  });
});

describe('a login that grows old', () => {
  it('is renewed when the server does not take its token any more', async () => {
    const logins = aRuntime();
    await logIn(logins);
    const server = connect(logins);
    await look(server);
    guarded.forget();
    expect(await look(server)).toMatchObject({ isError: false });
    expect(refreshes()).toHaveLength(1);
    expect(refreshes()[0]?.form).toMatchObject({
      refresh_token: 'refresh-token-1',
      resource: guarded.url,
    });
  });

  it('is renewed for weeks, and only its newest tokens are kept in mind', async () => {
    const logins = aRuntime();
    await logIn(logins);
    const server = connect(logins);
    for (let renewal = 1; renewal <= 6; renewal += 1) {
      guarded.forget();
      await look(server);
    }
    expect(secrets.cut('access-token-6 refresh-token-7')).toBe('*** ***');
    expect(secrets.cut('access-token-1 refresh-token-2')).toBe('access-token-1 refresh-token-2');
  });

  it('is renewed before its token is over', async () => {
    const logins = aRuntime();
    await logIn(logins);
    await clock.advance(3_580_000);
    expect(await look(connect(logins))).toMatchObject({ isError: false });
    expect(refreshes()).toHaveLength(1);
  });

  it('is used to its end while nobody gives another token', async () => {
    const logins = aRuntime();
    await logIn(logins);
    refuseWith('invalid_client');
    await clock.advance(3_580_000);
    const server = connect(logins);
    expect(await look(server)).toMatchObject({ isError: false });
    await clock.advance(20_000);
    expect(await reasonOf(look(server))).toContain('refuses the client');
  });

  it('is renewed once by all who need it at the same time', async () => {
    await logIn(aRuntime());
    const all = Array.from({ length: 4 }, () => connect(aRuntime()));
    await Promise.all(all.map(look));
    guarded.forget();
    const results = await Promise.all([...all, ...all].map(look));
    expect(results.every(({ isError }) => !isError)).toBe(true);
    expect(refreshes()).toHaveLength(1);
    guarded.forget();
    expect(await look(connect(aRuntime()))).toMatchObject({ isError: false });
  });

  it('is over when the refresh token is refused, and says so', async () => {
    const logins = aRuntime();
    await logIn(logins);
    guarded.forget();
    refuseWith('invalid_grant');
    const reason = await reasonOf(look(connect(logins)));
    expect(reason).toContain('the login to it is over: run "skynet tools login crm"');
    expect(readFileSync(join(folder, 'crm.json'), 'utf8')).not.toContain('token-1');
  });

  it('stays when the authorization server is only away', async () => {
    const logins = aRuntime();
    await logIn(logins);
    guarded.forget();
    guarded.authorization.answersToken = () => Promise.resolve({ status: 503 });
    expect(await reasonOf(look(connect(logins)))).toContain('crm: no connection: no token for it');
    guarded.authorization.answersToken = undefined;
    expect(await look(connect(logins))).toMatchObject({ isError: false });
  });

  it('stays when it has no refresh token and its token is refused once', async () => {
    const logins = aRuntime();
    guarded.authorization.refreshes = false;
    await logIn(logins);
    const before = readFileSync(join(folder, 'crm.json'), 'utf8');
    guarded.forget();
    expect(await reasonOf(look(connect(logins)))).toContain('run "skynet tools login crm"');
    expect(readFileSync(join(folder, 'crm.json'), 'utf8')).toBe(before);
    guarded.authorization.valid.set('access-token-1', '');
    expect(await look(connect(logins))).toMatchObject({ isError: false });
  });

  it.each(CLIENT_REFUSED)('stays when its client is refused: %s', async (error) => {
    const logins = aRuntime();
    await logIn(logins);
    guarded.forget();
    refuseWith(error);
    const reason = await reasonOf(look(connect(logins)));
    expect(reason).toContain(`its issuer refuses the client of the login (${error}): run`);
    guarded.authorization.answersToken = undefined;
    expect(await look(connect(logins))).toMatchObject({ isError: false });
  });

  it('is not shown to another authorization server that the server names', async () => {
    const logins = aRuntime();
    await logIn(logins);
    const other = await guardToolServer(open);
    guarded.named = other.issuer;
    guarded.forget();
    const reason = await reasonOf(look(connect(logins)));
    expect(reason).toContain('it lets people log in elsewhere than before');
    expect(other.tokenRequests).toEqual([]);
    await other.close();
  });
});

describe('a login with too few rights', () => {
  it('is said to have them, and the next one asks for more', async () => {
    const logins = aRuntime();
    guarded.needs = 'read';
    await logIn(logins);
    const server = connect(logins);
    await look(server);
    guarded.needs = 'write';
    expect(await reasonOf(look(server))).toContain(
      'its login has too few rights for this (write): run "skynet tools login crm"',
    );
    await logIn(logins);
    guarded.needs = 'read write';
    expect(await look(server)).toMatchObject({ isError: false });
    const asked = guarded.authorization.pages.map(({ searchParams }) => searchParams.get('scope'));
    expect(asked.map((scope) => scope?.split(' ').sort())).toEqual([['read'], ['read', 'write']]);
  });
});

describe('the client of a login', () => {
  it('may be known to the authorization server already', async () => {
    const client = { clientId: 'skynet', clientSecret: 'of the operator' };
    const oauth = { login: true, issuer: guarded.issuer, scope: 'a b', ...client } as const;
    await logIn(aRuntime(), entryWith({ oauth }));
    expect(guarded.authorization.registered).toEqual([]);
    expect(guarded.authorization.pages[0]?.searchParams.get('scope')).toBe('a b');
    expect(basicOf(guarded.tokenRequests[0])).toBe('skynet:of the operator');
  });

  const entryOf = (clientId: string, clientSecret: string, { issuer } = guarded) =>
    entryWith({ oauth: { login: true, issuer, clientId, clientSecret } });

  it('is that of the entry as it is when the login is renewed', async () => {
    const logins = aRuntime();
    await logIn(logins, entryOf('skynet', 'secret-of-before'));
    guarded.forget();
    await look(connect(logins, entryOf('skynet', 'secret-of-today')));
    expect(basicOf(refreshes()[0])).toBe('skynet:secret-of-today');
    expect(secrets.cut('secret-of-today')).toBe('***');
  });

  it('may be another one than that of the login, which stays', async () => {
    const logins = aRuntime();
    await logIn(logins, entryOf('skynet', 'secret-1'));
    guarded.forget();
    refuseWith('invalid_grant');
    const other = connect(logins, entryOf('another', 'secret-2'));
    expect(await reasonOf(look(other))).toContain('the login to it is that of another client id');
    guarded.authorization.answersToken = undefined;
    const same = look(connect(logins, entryOf('skynet', 'secret-1')));
    expect(await same).toMatchObject({ isError: false });
  });

  it('is not shown to the issuer of a login from before the entry named another', async () => {
    const logins = aRuntime();
    await logIn(logins);
    guarded.forget();
    const issuer = 'https://id.example';
    const server = connect(logins, entryOf('skynet', 'secret-1', { ...guarded, issuer }));
    expect(await reasonOf(look(server))).toContain('at another issuer than that of its entry');
    expect(refreshes()).toEqual([]);
    expect(await look(connect(logins))).toMatchObject({ isError: false });
  });

  it.each([{}, { clientId: 'skynet', clientSecret: 'of the operator' }])(
    'is shown to no other issuer than that of its entry: %j',
    async (client) => {
      const oauth = { login: true, issuer: 'https://id.example', ...client } as const;
      const reason = await reasonOf(logIn(aRuntime(), entryWith({ oauth })));
      expect(reason).toContain(`names ${guarded.issuer} to log in at`);
      expect(guarded.authorization.registered).toEqual([]);
    },
  );

  it('may be a document in the web', async () => {
    guarded.authorization.changed = { client_id_metadata_document_supported: true };
    const clientMetadataUrl = 'https://skynet.example/client.json';
    await logIn(aRuntime(), entryWith({ oauth: { login: true, clientMetadataUrl } }));
    expect(guarded.authorization.pages[0]?.searchParams.get('client_id')).toBe(clientMetadataUrl);
  });
});

describe('a login that goes wrong', () => {
  const server = () => ({ name: 'crm', entry: entryWith() });

  it.each([
    [{ state: 'another' }, 'came back with the answer to another login'],
    [{ iss: 'https://other.example' }, 'Issuer mismatch'],
    [{ code: 'made up' }, 'invalid_grant'],
    [{ code: undefined, error: 'access_denied' }, 'the login was refused: access_denied'],
    [{ code: undefined, error_description: 'No.\u0000' }, 'the login was refused: No.'],
  ])('keeps nothing: %j', async (change, reason) => {
    expect(await reasonOf(logIn(aRuntime(), entryWith(), change))).toContain(reason);
    expect(readdirSync(folder).filter((name) => name.endsWith('.json'))).toEqual([]);
  });

  it('is good once, for ten minutes, and the last that was begun', async () => {
    const logins = aRuntime();
    expect(await reasonOf(endLogin(server(), { state: 'x', code: 'y' }, logins))).toContain(
      'no login',
    );
    const first = await openPage((await beginLogin(server(), BACK, logins)).page);
    const last = await openPage((await beginLogin(server(), BACK, logins)).page);
    expect(await reasonOf(endLogin(server(), first, logins))).toContain('another login');
    await endLogin(server(), last, logins);
    expect(await reasonOf(endLogin(server(), last, logins))).toContain(
      'no login to it is under way',
    );
    const late = await openPage((await beginLogin(server(), BACK, logins)).page);
    await clock.advance(LOGIN_LIMIT_MS + 1);
    expect(await reasonOf(endLogin(server(), late, logins))).toContain('taken too long');
  });

  it.each(['garbage', -1, 'NaN', null, {}, [], '', 1e300])(
    'is none for a lifetime that makes no sense: %j',
    async (expiresIn) => {
      guarded.authorization.expiresIn = expiresIn;
      const logins = aRuntime();
      await logIn(logins);
      expect(await look(connect(logins))).toMatchObject({ isError: false });
    },
  );

  it.each([{}, [], { token_type: 'Bearer' }, { access_token: '', token_type: 'Bearer' }])(
    'says so when no token is in the answer: %j',
    async (body) => {
      const logins = aRuntime();
      guarded.authorization.answersToken = () => Promise.resolve({ body });
      expect(await reasonOf(logIn(logins))).toMatch(/the answer (?:has no token|can not be used)/);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('waits for no answer that does not come', async () => {
    guarded.authorization.answersToken = () => new Promise(() => undefined);
    const reason = await reasonOf(logIn(aRuntime({ limitMs: 500 })));
    expect(reason).toMatch(/127\.0\.0\.1:\d+ has not answered within 0\.5 s/);
  });

  it('reads no description without an end', async () => {
    guarded.authorization.changed = { more: 'x'.repeat(300_000) };
    expect(await reasonOf(logIn(aRuntime()))).toContain('more than 262144 bytes');
  });

  it.each([
    [{ issuer: 'https://other.example' }, 'ssuer'],
    [{ token_endpoint: 'http://169.254.169.254/token' }, 'http'],
    [{ token_endpoint: 'https://169.254.169.254/token' }, 'is not public'],
    [{ registration_endpoint: 'https://10.0.0.1/register' }, 'is not public'],
    [{ authorization_endpoint: 'http://other.example/login' }, 'no https'],
    [{ authorization_endpoint: 'javascript:alert(1)' }, 'URL cannot use javascript:'],
  ])('goes nowhere that a description should not lead to: %j', async (changed, reason) => {
    guarded.authorization.changed = changed;
    expect(await reasonOf(logIn(aRuntime()))).toContain(reason);
  });

  it('asks no issuer whose address is not public', async () => {
    guarded.named = guarded.issuer.replace('127.0.0.1', 'localhost');
    expect(await reasonOf(logIn(aRuntime()))).toContain('write allowPrivate: true');
  });

  it('comes back to this machine only', async () => {
    const begun = beginLogin(server(), 'https://other.example/callback', aRuntime());
    expect(await reasonOf(begun)).toContain('may come back to this machine only');
  });

  it.each([
    [{ headers: { authorization: 'Bearer x' } }, 'nobody logs in to crm'],
    [{}, 'AGENT_RUNTIME_TOOL_LOGINS'],
  ])('is none where it would not be used, or not be kept', async (more, reason) => {
    expect(await reasonOf(logIn(aRuntime({ folder: undefined }), entryWith(more)))).toContain(
      reason,
    );
  });
});
