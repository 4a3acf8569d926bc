import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LoginToolServer } from '../testing/login-tool-server.js';
import { runCli, startCli, startUpIn, type RunningUp } from '../testing/running-cli.js';

const PAGE = /http:\S+\/authorize\?\S+/;

let folder: string;
let stack: RunningUp;
let crm: LoginToolServer;

beforeAll(async () => {
  crm = await LoginToolServer.start();
  folder = mkdtempSync(join(tmpdir(), 'skynet-tool-login-'));
  const file = join(folder, 'registry.json');
  const own = { url: 'http://127.0.0.1:9/mcp', headers: { Authorization: 'Bearer x' } };
  const program = { command: process.execPath, args: ['/nowhere.mjs'], sandbox: 'none' };
  const servers = { crm: { url: crm.url }, own, program };
  writeFileSync(file, JSON.stringify({ servers }));
  stack = await startUpIn({}, '--ephemeral', '--registry', file);
}, 60_000);

afterAll(async () => {
  await stack.stop();
  crm.close();
  rmSync(folder, { recursive: true });
}, 30_000);

const options = () => ({ dataFolder: stack.dataDir });
const run = (...args: string[]) => runCli(args, options());
const start = (...args: string[]) => startCli(args, options());
const kept = () => join(stack.dataDir, 'tool-logins');

describe('a tool server that people log in to', () => {
  it('says how, without a login', async () => {
    const { code, stdout } = await run('tools', 'crm');
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining('it wants a person to log in: run "skynet tools login crm"'),
    ]);
  });

  it('is used by agents once a person has logged in, until one logs out', async () => {
    const login = start('tools', 'login', 'crm', '--no-browser');
    await fetch(await login.printed(PAGE));
    const { code, stderr, stdout } = await login.finished;
    expect([code, stderr]).toEqual([0, expect.stringContaining('logged in to crm')]);
    expect(stderr).toMatch(/^crm {2}http, ready, 1 tools/m);
    expect(`${stdout}${stderr}`).not.toContain('token-of-a-person');
    const shown = await run('tools', 'crm');
    expect(shown.stdout).toMatch(/^crm {2}http, ready, 1 tools, .*logged in at http.* since 20/);
    expect(readFileSync(join(kept(), 'crm.json'), 'utf8')).toContain('token-of-a-person');
    const out = await run('tools', 'logout', 'crm');
    expect([out.code, out.stderr]).toEqual([0, 'logged out of crm\n']);
    expect(readdirSync(kept())).toEqual([]);
    expect((await run('tools', 'logout', 'crm')).stderr).toBe('not logged in to crm\n');
  }, 60_000);

  it('is not logged in to by the answer to another login', async () => {
    const login = start('tools', 'login', 'crm', '--no-browser');
    const page = new URL(await login.printed(PAGE));
    page.searchParams.set('state', 'another');
    await fetch(page);
    const { code, stderr } = await login.finished;
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('crm: the browser came back with the answer to another login.'),
    ]);
  }, 30_000);

  it('is left alone by a person who does not want to wait', async () => {
    const login = start('tools', 'login', 'crm', '--no-browser');
    await login.printed(PAGE);
    login.child.kill('SIGINT');
    expect((await login.finished).code).toBe(130);
    expect(readdirSync(kept())).toEqual(['crm.pending']);
  }, 30_000);
});

describe('a tool server that nobody logs in to', () => {
  it.each([
    ['own', 'nobody logs in to own'],
    ['program', 'program is a program'],
    ['nobody', 'there is no tool server nobody'],
  ])('is said to be none: %s', async (server, reason) => {
    const { code, stderr } = await run('tools', 'login', server, '--no-browser');
    expect([code, stderr]).toEqual([1, expect.stringContaining(reason)]);
  });
});
