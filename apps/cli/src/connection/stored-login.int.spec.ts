import { createServer, type Server } from 'node:http';
import { mkdir, mkdtemp, rm, stat, utimes } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LoginsFile, type StoredLogin } from './logins-file.js';
import { tokenOfLogin } from './stored-login.js';

const MCP = 'http://there/mcp';
const [SOON, LATER] = ['2001-01-01T00:00:00.000Z', '2999-01-01T00:00:00.000Z'];

let folder: string;
let file: string;
let logins: LoginsFile;
let server: Server;
let refreshed: string[];
let login: StoredLogin;

/** A token endpoint that takes each refresh token once, as ours does. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-logins-'));
  file = join(folder, 'deeper', 'logins.json');
  logins = new LoginsFile(file);
  refreshed = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const given = new URLSearchParams(body).get('refresh_token') ?? '';
      const isRefused = refreshed.includes(given) || given === 'stolen';
      refreshed.push(given);
      const tokens = { access_token: 'new', expires_in: 600, refresh_token: `${given}+` };
      response
        .writeHead(isRefused ? 400 : 200, { 'content-type': 'application/json' })
        .end(JSON.stringify(isRefused ? { error: 'invalid_grant' } : tokens));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  login = {
    issuer,
    tokenEndpoint: `${issuer}/token`,
    clientId: 'skynet-cli',
    token: 'old',
    tokenExpiresAt: LATER,
    refreshToken: 'r',
  };
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const keep = (changes: Partial<StoredLogin> = {}) =>
  logins.change(MCP, () => Promise.resolve({ ...login, ...changes }));

describe('a login to a server', () => {
  it('is kept for its owner only', async () => {
    await keep();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await tokenOfLogin(logins, MCP)).toBe('old');
    expect(await tokenOfLogin(logins, 'http://elsewhere/mcp')).toBeUndefined();
  });

  it('is renewed when its token is old, and the new refresh token is kept', async () => {
    await keep({ tokenExpiresAt: SOON });
    expect(await tokenOfLogin(logins, MCP)).toBe('new');
    expect(await logins.find(MCP)).toMatchObject({ token: 'new', refreshToken: 'r+' });
    expect(await tokenOfLogin(logins, MCP)).toBe('new');
    expect(refreshed).toEqual(['r']);
  });

  it('is renewed when its token was refused, unless that has been done', async () => {
    await keep();
    expect(await tokenOfLogin(logins, MCP, 'old')).toBe('new');
    expect(await tokenOfLogin(logins, MCP, 'old')).toBe('new');
    expect(refreshed).toEqual(['r']);
  });

  it('is renewed once by commands that run at the same time', async () => {
    await keep({ tokenExpiresAt: SOON });
    const processes = Array.from({ length: 5 }, () => new LoginsFile(file));
    const tokens = await Promise.all(processes.map((each) => tokenOfLogin(each, MCP)));
    expect(tokens).toEqual(['new', 'new', 'new', 'new', 'new']);
    expect(refreshed).toEqual(['r']);
  });

  it.each([
    ['the server refuses to renew it', { refreshToken: 'stolen' }],
    ['it can not be renewed', { refreshToken: undefined }],
  ])('is over when %s, which is said', async (_what, changes) => {
    await keep({ tokenExpiresAt: SOON, ...changes });
    await expect(tokenOfLogin(logins, MCP)).rejects.toMatchObject({
      message: `The login to ${MCP} is over.`,
      next: `Run "skynet login --url ${MCP}".`,
    });
  });

  it('leaves those to other servers alone', async () => {
    await keep();
    await logins.change('http://other/mcp', () => Promise.resolve({ ...login, token: 'other' }));
    await logins.change(MCP, () => Promise.resolve(undefined));
    expect(await logins.find(MCP)).toBeUndefined();
    expect(await logins.find('http://other/mcp')).toMatchObject({ token: 'other' });
  });

  it('is not locked for ever by a command that died', async () => {
    await mkdir(`${file}.lock`, { recursive: true });
    await utimes(`${file}.lock`, 0, 0);
    await keep();
    expect(await tokenOfLogin(logins, MCP)).toBe('old');
  });
});
