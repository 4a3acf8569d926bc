import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
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

let up: RunningUp;
let browser: Browser;
let folder: string;
const processes: ChildProcess[] = [];

beforeAll(async () => {
  if (executablePath === undefined) return;
  folder = await mkdtemp(join(tmpdir(), 'skynet-login-'));
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  up = await startUp('--ephemeral');
});
afterEach(() => {
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
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}/callback`, answer, close };
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
    callback.close();
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
    await logInAt(await login.printed(/http:\S+/));
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
