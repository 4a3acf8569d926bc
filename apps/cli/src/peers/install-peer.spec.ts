import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { installPeer } from './install-peer.js';

let folder: string;
const signal = new AbortController().signal;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
  await mkdir(join(folder, 'sources/some'), { recursive: true });
  await writeFile(join(folder, 'sources/some/system.mjs'), 'export const name = 1;');
  await writeFile(join(folder, 'sources/some/package-lock.json'), '{"version":1}');
});
afterEach(() => rm(folder, { recursive: true }));

/** An npm that notes how it was called, and does this. */
async function npm(script: string): Promise<void> {
  await mkdir(join(folder, 'bin'), { recursive: true });
  const file = join(folder, 'bin/npm');
  await writeFile(file, `#!/bin/sh\necho "$@" >> "${folder}/calls"\n${script}\n`);
  await chmod(file, 0o755);
}

function install() {
  const environment = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` };
  const places = { sources: join(folder, 'sources'), installed: join(folder, 'installed') };
  return installPeer('some', { environment, signal }, places);
}

const calls = async () => (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');

describe('the packages of a peer', () => {
  it('are fetched once, as locked and without their scripts', async () => {
    await npm('exit 0');
    const installed = await install();
    expect(await readFile(join(installed, 'system.mjs'), 'utf8')).toBe('export const name = 1;');
    await install();
    expect(await calls()).toEqual(['ci --ignore-scripts --no-audit --no-fund']);
  });

  it('are fetched again for another lock; its programs are always the newest', async () => {
    await npm('exit 0');
    await install();
    await writeFile(join(folder, 'sources/some/package-lock.json'), '{"version":2}');
    await writeFile(join(folder, 'sources/some/system.mjs'), 'export const name = 2;');
    const installed = await install();
    expect(await readFile(join(installed, 'system.mjs'), 'utf8')).toBe('export const name = 2;');
    expect(await calls()).toHaveLength(2);
  });

  it('are tried again after a failure, which is told in a sentence of npm', async () => {
    const said = ['code ENOTFOUND', 'syscall connect', 'no such host', 'more of it'];
    await npm(`${said.map((line) => `echo "npm error ${line}" >&2`).join('; ')}; exit 1`);
    await expect(install()).rejects.toThrow('its packages can not be installed: no such host');
    await npm('exit 0');
    await install();
    expect(await calls()).toHaveLength(2);
  });
});
