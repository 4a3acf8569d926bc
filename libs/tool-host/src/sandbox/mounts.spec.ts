import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mountsOf, type Wanted } from './mounts.js';

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'skynet-mounts-')));
  for (const file of [
    'home/package.json',
    'home/notes/one.txt',
    'home/nvm/bin/node',
    'home/nvm/lib/npm.js',
    'home/.local/bin/uvx',
    'home/.local/lib/x',
    'project/package.json',
    'project/dist/index.js',
    'project/.skynet/auth/key',
    'project/node_modules/a/index.js',
    'project/registry.json',
  ]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
  }
});
afterEach(() => rmSync(root, { recursive: true }));

const at = (path: string) => join(root, path);

/** `kind path` for each mount, from the root of the test. */
function mounts(wanted: Partial<Wanted>): string[] {
  const whole = {
    cwd: '/usr',
    path: '/usr/bin',
    program: '/bin/sh',
    args: [],
    files: [],
    folders: [],
    hidden: [],
    home: at('home'),
    ...wanted,
  };
  return mountsOf(whole).map(({ kind, target }) => `${kind} ${target.replace(`${root}/`, '')}`);
}

describe('what a server sees beside the system', () => {
  it('is nothing where its entry names nothing', () => {
    expect(mounts({})).toEqual([]);
  });

  it('is its folder, and what its arguments name with what that needs', () => {
    expect(mounts({ cwd: at('project') })).toEqual(['read project']);
    const args = [at('home/notes'), `--db=${at('home/notes/one.txt')}`, '--flag', 'word', '/gone'];
    expect(mounts({ args })).toEqual(['read home/notes']);
    expect(mounts({ args: [at('project/dist/index.js')] })).toEqual(['read project']);
    expect(mounts({ cwd: at('project/dist'), args: ['../node_modules/a/index.js'] })).toEqual([
      'read project/dist',
      'read project/node_modules',
    ]);
  });

  it('is the installations of the PATH, but not all that a user has installed', () => {
    const path = [at('home/nvm/bin'), at('home/.local/bin'), '/usr/bin', at('gone')].join(':');
    expect(mounts({ path })).toEqual(['read home/nvm', 'read home/.local/bin']);
  });

  it('is not the user’s home, unless that is granted', () => {
    expect(mounts({ cwd: at('home'), args: [root, '/tmp', '/', '/run', '/proc/1'] })).toEqual([]);
    writeFileSync(at('home/tool.js'), '');
    expect(mounts({ args: [at('home/tool.js')] })).toEqual(['read home/tool.js']);
    const folders = [{ path: at('home'), writable: false }];
    expect(mounts({ folders })).toEqual(['read home']);
  });

  it('can be written where that is granted', () => {
    const folders = [{ path: at('project/dist'), writable: true }];
    expect(mounts({ cwd: at('project'), args: [at('project/dist')], folders })).toEqual([
      'read project',
      'write project/dist',
    ]);
  });
});

describe('what is hidden', () => {
  it('stays so inside of what is seen, in the system too', () => {
    const hidden = [at('project/.skynet'), at('project/registry.json'), '/etc/passwd', at('gone')];
    expect(mounts({ cwd: at('project'), hidden })).toEqual([
      'hide /etc/passwd',
      'read project',
      'hide project/.skynet',
      'hide project/registry.json',
    ]);
  });

  it('is not shown by naming it or what is in it', () => {
    const hidden = [at('project/.skynet')];
    const args = [
      at('project/.skynet'),
      at('project/.skynet/auth'),
      at('project/.skynet/auth/key'),
    ];
    expect(mounts({ cwd: at('project/.skynet'), args, hidden })).toEqual([]);
    const folders = [{ path: at('project/.skynet'), writable: false }];
    expect(mounts({ folders, hidden })).toEqual([]);
  });

  it('is shown where a part of it is granted', () => {
    const folders = [{ path: at('project/.skynet/auth'), writable: false }];
    expect(mounts({ cwd: at('project'), folders, hidden: [at('project/.skynet')] })).toEqual([
      'read project',
      'hide project/.skynet',
      'read project/.skynet/auth',
    ]);
  });

  it('is hidden behind symbolic links', () => {
    symlinkSync(at('project'), at('link'));
    const hidden = [at('link/.skynet')];
    expect(mounts({ cwd: at('link'), hidden })).toEqual(['read link', 'hide link/.skynet']);
    expect(mounts({ cwd: at('link/.skynet'), hidden })).toEqual([]);
  });
});
