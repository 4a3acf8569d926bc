import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  Client,
  StreamableHTTPClientTransport,
  type OAuthClientProvider,
} from '@modelcontextprotocol/client';
import type { OAuthClientProvider as OldProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { chromium, type Browser, type Page } from 'playwright-core';
import { choosePorts } from './stack/ports.js';
import { REPOSITORY } from './stack/repository.js';
import { chromiumBinary } from './testing/chromium.config.js';
import { runCli, startCli, startUp, type RunningUp } from './testing/running-cli.js';

jest.setTimeout(60_000);

const INSPECTOR = join(REPOSITORY, 'node_modules/@modelcontextprotocol/inspector/clients/launcher');
const executablePath = chromiumBinary();
const withBrowser = executablePath === undefined ? describe.skip : describe;
if (executablePath === undefined) {
  process.stderr.write('skipped: logins by browser need Chromium, and there is none\n');
}

/** Lets the browser find a site of another name on this machine. */
const FOREIGN = '--host-resolver-rules=MAP foreign.test 127.0.0.1';

let up: RunningUp;
let browser: Browser;
let folder: string;
const processes: ChildProcess[] = [];
const callbacks: Server[] = [];

beforeAll(async () => {
  if (executablePath === undefined) return;
  folder = await mkdtemp(join(tmpdir(), 'skynet-login-'));
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', FOREIGN] });
  up = await startUp('--ephemeral');
});
afterEach(() => {
  for (const server of callbacks.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  for (const child of processes.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await browser?.close();
  await up?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** What a person does: name and password, then yes. */
async function logIn(page: Page): Promise<void> {
  const { name = '', password = '' } = up.firstLogin ?? {};
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Allow access?' }).waitFor();
  await page.getByRole('button', { name: 'Allow' }).click();
}

async function logInAt(url: string): Promise<void> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  await logIn(page);
  await page.waitForURL(/\/callback/);
  await page.context().close();
}

/** Where a client lets itself be called back. */
async function startCallback() {
  const { promise: answer, resolve } = Promise.withResolvers<URLSearchParams>();
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    response.end('done');
    if (searchParams.has('code')) resolve(searchParams);
  });
  callbacks.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/callback`, answer };
}

/** A client's own memory, as both generations of the SDK ask for it; it registers itself at first. */
function memoryOf(redirectUrl: string): OAuthClientProvider & OldProvider {
  const kept = new Map<string, unknown>();
  const keep = (what: string) => (value: unknown) => void kept.set(what, value);
  return {
    redirectUrl,
    clientMetadata: { client_name: 'A client of the SDK', redirect_uris: [redirectUrl] },
    clientInformation: () => kept.get('client') as undefined,
    saveClientInformation: keep('client'),
    tokens: () => kept.get('tokens') as undefined,
    saveTokens: keep('tokens'),
    saveDiscoveryState: keep('discovery'),
    discoveryState: () => kept.get('discovery') as undefined,
    saveCodeVerifier: keep('verifier'),
    codeVerifier: () => String(kept.get('verifier')),
    redirectToAuthorization: (url) => logInAt(url.href),
  };
}

interface Session {
  readonly tools: readonly string[];
  readonly spawned: unknown;
}

const SPAWN = { name: 'spawn_agent', arguments: { task: { description: 'hello' } } };

async function byNewSdk(callback: Awaited<ReturnType<typeof startCallback>>): Promise<Session> {
  const authProvider = memoryOf(callback.url);
  const options = { versionNegotiation: { mode: 'auto' as const } };
  const connect = () => new StreamableHTTPClientTransport(new URL(up.mcp), { authProvider });
  const [client, first] = [new Client({ name: 'e2e', version: '1' }, options), connect()];
  await expect(client.connect(first)).rejects.toThrow(/[Uu]nauthorized/);
  await first.finishAuth(await callback.answer);
  const again = new Client({ name: 'e2e', version: '1' }, options);
  await again.connect(connect());
  const { tools } = await again.listTools();
  const { structuredContent: spawned } = await again.callTool(SPAWN);
  await again.close();
  return { tools: tools.map(({ name }) => name), spawned };
}

async function byOldSdk(callback: Awaited<ReturnType<typeof startCallback>>): Promise<Session> {
  const authProvider = memoryOf(callback.url);
  const connect = () => new OldTransport(new URL(up.mcp), { authProvider });
  const [client, first] = [new OldClient({ name: 'e2e', version: '1' }), connect()];
  await expect(client.connect(first)).rejects.toThrow(/[Uu]nauthorized/);
  await first.finishAuth((await callback.answer).get('code') ?? '');
  const again = new OldClient({ name: 'e2e', version: '1' });
  await again.connect(connect());
  const { tools } = await again.listTools();
  const { structuredContent: spawned } = await again.callTool(SPAWN);
  await again.close();
  return { tools: tools.map(({ name }) => name), spawned };
}

/** The web page of the MCP Inspector for the stack; resolves with its address. */
async function startInspector(): Promise<string> {
  const [port = 0, sandbox = 0] = (
    await choosePorts('free', { edges: 2, runtimes: 1, schedulers: 1 })
  ).edges;
  const child = spawn(
    process.execPath,
    [join(INSPECTOR, 'build/index.js'), '--web', '--server-url', up.mcp, '--transport', 'http'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: '/usr/bin:/bin',
        HOME: folder,
        MCP_AUTO_OPEN_ENABLED: 'false',
        CLIENT_PORT: String(port),
        MCP_SANDBOX_PORT: String(sandbox),
      },
    },
  );
  processes.push(child);
  for await (const line of createInterface(child.stdout)) {
    const url = /http:\S+MCP_INSPECTOR_API_TOKEN=\S+/.exec(line)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error('the inspector did not start');
}

withBrowser('a person with a browser and the password of the announcement', () => {
  it.each([
    ['the SDK of today', byNewSdk],
    ['the SDK of 2025', byOldSdk],
  ])('lets in a client of %s, which registers itself', async (_which, connect) => {
    const callback = await startCallback();
    const { tools, spawned } = await connect(callback);
    expect(tools).toContain('spawn_agent');
    expect(spawned).toMatchObject({ agentId: expect.any(String) });
  });

  it('lets in the MCP Inspector', async () => {
    const page = await (await browser.newContext()).newPage();
    // It asks for a font of the internet, which a test has not.
    await page.route(/fonts\.googleapis/, (route) => route.abort());
    await page.goto(await startInspector());
    await page.getByRole('switch').first().click({ force: true });
    await logIn(page);
    await page.getByText('Tools', { exact: true }).first().click();
    await page.getByText('spawn_agent', { exact: true }).click();
    await page.getByRole('textbox', { name: 'description' }).fill('hello');
    await page.getByRole('button', { name: 'Execute Tool' }).click();
    await page.getByText('"agentId"').first().waitFor();
    await page.context().close();
  });

  it('lets in the command line, which stays logged in', async () => {
    const environment = { SKYNET_LOGINS: join(folder, 'browser.json') };
    const login = startCli(['login', '--no-browser', '--url', up.mcp], { environment });
    await logInAt(await login.printed(/http:\S+\/authorize\?\S+/));
    expect((await login.finished).code).toBe(0);
    const called = await runCli(['spawn', 'hello', '--wait', '--url', up.mcp], { environment });
    expect([called.code, called.stdout]).toEqual([0, 'hello\n']);
    expect((await runCli(['logout', '--url', up.mcp], { environment })).code).toBe(0);
    expect((await runCli(['ls', '--url', up.mcp], { environment })).code).toBe(2);
  });

  it('lets in the command line of a machine without a browser', async () => {
    const environment = { SKYNET_LOGINS: join(folder, 'device.json') };
    const login = startCli(['login', '--device', '--url', up.mcp], { environment });
    const code = await login.printed(/[A-Z]{4}-[A-Z]{4}/);
    const page = await (await browser.newContext()).newPage();
    await page.goto(await login.printed(/http:\S+\/device/));
    await page.getByRole('textbox').fill(code);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText(code).waitFor();
    await page.getByRole('button', { name: 'The code is the same' }).click();
    await logIn(page);
    await page.getByText('The program is logged in.').waitFor();
    expect((await login.finished).code).toBe(0);
    expect((await runCli(['ls', '--url', up.mcp], { environment })).code).toBe(0);
    await page.context().close();
  });
});

const REGISTRATION = { client_name: 'A page', redirect_uris: [] as string[] };

/** Runs in the page: finds the way from the refusal to a client of its own, as MCP says. */
async function discover({ mcp, metadata }: { mcp: string; metadata: object }) {
  const json = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  const refused = await fetch(mcp, { method: 'POST', headers: json, body: list });
  const challenge = refused.headers.get('www-authenticate') ?? '';
  const where = /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? '';
  const resource = (await (await fetch(where)).json()) as { authorization_servers: string[] };
  const wellKnown = `${resource.authorization_servers[0]}/.well-known/oauth-authorization-server`;
  const server = (await (await fetch(wellKnown)).json()) as Record<string, string>;
  const registered = await fetch(server['registration_endpoint'] ?? '', {
    method: 'POST',
    headers: json,
    body: JSON.stringify(metadata),
  });
  const { client_id: clientId } = (await registered.json()) as { client_id: string };
  return { server, clientId };
}

/** Runs in the page: gets its token, calls with it, and gives it back. */
async function useCode(given: {
  mcp: string;
  server: Record<string, string>;
  fields: Record<string, string>;
}) {
  const post = (to: string, fields: Record<string, string>) =>
    fetch(given.server[to] ?? '', { method: 'POST', body: new URLSearchParams(fields) });
  const redeemed = await post('token_endpoint', given.fields);
  const tokens = (await redeemed.json()) as { access_token: string; refresh_token: string };
  const answer = await fetch(given.mcp, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${tokens.access_token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  const { client_id: client = '' } = given.fields;
  const end = { client_id: client, token: tokens.refresh_token };
  const { status } = await post('revocation_endpoint', end);
  return { listed: await answer.text(), revoked: status };
}

/** A client that has found the server, about to log in. */
async function begin(page: Page, redirect: string) {
  const metadata = { ...REGISTRATION, redirect_uris: [redirect] };
  const { server, clientId } = await page.evaluate(discover, { mcp: up.mcp, metadata });
  const verifier = randomBytes(32).toString('base64url');
  const question = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirect,
    resource: up.mcp,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const url = `${server['authorization_endpoint']}?${question.toString()}`;
  const fields = { client_id: clientId, redirect_uri: redirect, code_verifier: verifier };
  return { url, server, fields: { grant_type: 'authorization_code', ...fields } };
}

withBrowser('a page that is an MCP client', () => {
  it('finds the way, logs in and calls, all from within the browser', async () => {
    const callback = await startCallback();
    const redirect = callback.url.replace('127.0.0.1', 'localhost');
    const page = await (await browser.newContext()).newPage();
    await page.goto(redirect);
    const { url, server, fields } = await begin(page, redirect);
    await page.goto(url);
    await logIn(page);
    const code = (await callback.answer).get('code') ?? '';
    await page.waitForURL(/callback\?code/);
    const given = { mcp: up.mcp, server, fields: { ...fields, code } };
    const { listed, revoked } = await page.evaluate(useCode, given);
    expect(listed).toContain('spawn_agent');
    expect(revoked).toBe(200);
    await page.context().close();
  });

  it('is kept out by the browser when its origin is not allowed', async () => {
    const callback = await startCallback();
    const page = await (await browser.newContext()).newPage();
    await page.goto(callback.url.replace('127.0.0.1', 'foreign.test'));
    await expect(begin(page, callback.url)).rejects.toThrow('Failed to fetch');
    await page.context().close();
  });
});

withBrowser('a program with a scheme of its own', () => {
  it('is sent its code by the browser, which lets the form lead there', async () => {
    const callback = await startCallback();
    const page = await (await browser.newContext()).newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    await page.goto(callback.url);
    const { url } = await begin(page, 'cursor://anysphere.cursor-mcp/oauth/callback');
    await page.goto(url);
    const sent = page.waitForResponse(
      (response) => response.headers()['location']?.startsWith('cursor:') === true,
    );
    await logIn(page);
    const { location = '' } = (await sent).headers();
    expect(new URL(location).searchParams.get('code')).toBeTruthy();
    expect(said.filter((text) => text.includes('form-action'))).toEqual([]);
    await page.context().close();
  });
});

withBrowser('the first login', () => {
  it('is of an administrator, who can make others', async () => {
    const data = { dataFolder: up.dataDir };
    const added = await runCli(['users', 'add', 'bob', '--roles', 'viewer'], data);
    expect(added.code).toBe(0);
    expect(added.stdout.trim()).toMatch(/^[\w-]{20}$/);
    const again = await runCli(['users', 'add', 'bob', '--roles', 'viewer'], data);
    expect([again.code, again.stdout]).toEqual([4, '']);
    await runCli(['users', 'grant', 'bob', 'operator'], data);
    await runCli(['users', 'disable', 'bob'], data);
    const { stdout } = await runCli(['users', 'list'], data);
    expect(stdout).toMatch(/^admin +admin +local +active$/m);
    expect(stdout).toMatch(/^bob +operator +local +disabled$/m);
  });

  it.each([
    [['users', 'add', 'Bob!', '--roles', 'viewer'], 2, 'name'],
    [['users', 'add', 'bob2', '--roles', 'king'], 2, 'expected some of'],
    [['users', 'password', 'nobody'], 4, 'There is no user nobody.'],
  ])('%j has exit code %i and says why', async (args, code, why) => {
    const run = await runCli(args, { dataFolder: up.dataDir });
    expect([run.code, run.stdout]).toEqual([code, '']);
    expect(run.stderr).toContain(why);
  });
});
