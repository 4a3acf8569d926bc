import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LoginFiles } from './login-files.js';
import type { PendingLogin, StoredLogin } from './stored-login.js';

const LOGIN: StoredLogin = {
  version: 1,
  url: 'https://crm.example/mcp',
  issuer: 'https://id.example',
  client: { client_id: 'skynet' },
  tokens: { access_token: 'access-1', token_type: 'Bearer', refresh_token: 'refresh-1' },
  atMs: 1,
};
const PENDING: PendingLogin = {
  version: 1,
  url: LOGIN.url,
  redirectUrl: 'http://127.0.0.1:1/callback',
  state: 'state-1',
  codeVerifier: 'verifier-1',
  authorizationServerUrl: 'https://id.example',
  issuer: 'https://id.example',
  client: { client_id: 'skynet' },
  atMs: 1,
};

let folder: string;
let unreadable: string[];
let files: LoginFiles;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'skynet-logins-')), 'logins');
  unreadable = [];
  files = new LoginFiles(folder, (file) => unreadable.push(file));
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const keep = (server: string, login: StoredLogin | undefined) =>
  files.change(server, () => Promise.resolve(login));
const modeOf = (path: string) => statSync(path).mode & 0o777;

describe('a login to a tool server', () => {
  it('is there after a restart, and only for the user of the process', async () => {
    await keep('crm', LOGIN);
    await files.begin('crm', PENDING);
    const again = new LoginFiles(folder);
    expect(await again.find('crm')).toEqual(LOGIN);
    expect(await again.pending('crm')).toEqual(PENDING);
    expect(modeOf(folder)).toBe(0o700);
    expect(readdirSync(folder).map((name) => modeOf(join(folder, name)))).toEqual([0o600, 0o600]);
  });

  it.each(['../crm', 'a/b', '..', '@team/crm', 'CRM'])(
    'stays in the folder: %s',
    async (server) => {
      await keep(server, LOGIN);
      expect(await files.find(server)).toEqual(LOGIN);
      expect(readdirSync(folder)).toHaveLength(1);
    },
  );

  it('is one of its own for each server', async () => {
    await keep('crm', LOGIN);
    await keep('files', { ...LOGIN, atMs: 2 });
    await keep('crm', undefined);
    expect(await files.find('crm')).toBeUndefined();
    expect(await files.find('files')).toMatchObject({ atMs: 2 });
  });

  it('stays as it was when what should replace it fails', async () => {
    await keep('crm', LOGIN);
    const failing = files.change('crm', () => Promise.reject(new Error('in the middle')));
    await expect(failing).rejects.toThrow('in the middle');
    expect(await files.find('crm')).toEqual(LOGIN);
    expect(readdirSync(folder)).toEqual(['crm.json']);
  });

  it.each(['', '{', '{"version":1}', '{"version":2}', 'x'.repeat(2_000_000)])(
    'that can not be read is none, and that is told',
    async (text) => {
      mkdirSync(folder);
      writeFileSync(join(folder, 'crm.json'), text);
      expect(await files.find('crm')).toBeUndefined();
      expect(unreadable).toEqual([join(folder, 'crm.json')]);
      await keep('crm', LOGIN);
      expect(await files.find('crm')).toEqual(LOGIN);
    },
  );

  it('that can not be read stays when nothing changes', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'crm.json'), '{"version":2}');
    await files.change('crm', (login) => Promise.resolve(login));
    expect(readdirSync(folder)).toEqual(['crm.json']);
    await files.forget('crm');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('files that a crash has left', () => {
  const OLD = '0b6f9a3e-5d0c-4c39-9a55-6a3b7f0f5e11';
  const NEW = '7d1c2b84-0f5e-4b1d-8d1f-2f4f6f3b9c22';
  const left = (name: string, isOld: boolean) => {
    writeFileSync(join(folder, name), 'access-1');
    if (isOld) utimesSync(join(folder, name), 0, 0);
    return name;
  };

  it('go with the next change of their login when they are old', async () => {
    await keep('crm', LOGIN);
    [`crm.json.${OLD}`, `crm.pending.${OLD}`].forEach((name) => left(name, true));
    const stay = [
      left(`crm.json.${NEW}`, false),
      left(`crm2.json.${OLD}`, true),
      left(`crm.json.${OLD}.json`, true),
    ];
    await keep('crm', { ...LOGIN, atMs: 2 });
    expect(readdirSync(folder).sort()).toEqual(['crm.json', ...stay].sort());
  });

  it('go with their login, and what can not be read as well', async () => {
    await keep('files', LOGIN);
    left('crm.json', false);
    await files.begin('crm', PENDING);
    [`crm.json.${NEW}`, `crm.pending.${NEW}`].forEach((name) => left(name, false));
    expect(await files.forget('crm')).toBe(false);
    expect(readdirSync(folder)).toEqual(['files.json']);
    left(`crm.json.${NEW}`, false);
    await files.forget('crm');
    expect(readdirSync(folder)).toEqual(['files.json']);
  });

  it('make no folder where there is none', async () => {
    expect(await files.forget('crm')).toBe(false);
    expect(() => readdirSync(folder)).toThrow('ENOENT');
  });
});

describe('a change of a login', () => {
  it('sees what the one before has left, also of another process', async () => {
    const add = (by: LoginFiles) =>
      by.change('crm', (login) => Promise.resolve({ ...LOGIN, atMs: (login?.atMs ?? 0) + 1 }));
    const others = Array.from({ length: 8 }, () => new LoginFiles(folder));
    await Promise.all(others.flatMap((other) => [add(other), add(other)]));
    expect(await files.find('crm')).toMatchObject({ atMs: 16 });
  });

  it('goes on where a process has died in one', async () => {
    await keep('crm', LOGIN);
    const lock = join(folder, 'crm.json.lock');
    mkdirSync(lock);
    utimesSync(lock, 0, 0);
    await keep('crm', { ...LOGIN, atMs: 3 });
    expect(await files.find('crm')).toMatchObject({ atMs: 3 });
    expect(readdirSync(folder)).toEqual(['crm.json']);
  });
});
