import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findNatsServer, requireSyncAlways } from './nats-server.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function program(name: string, version = '2.15.1', mode = 0o755): Promise<string> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\necho nats-server: v${version}\n`);
  await chmod(file, mode);
  return file;
}

const fetched = () => join(folder, 'fetched');
const find = (natsServer: string | undefined, path = folder) =>
  findNatsServer({ natsServer, path }, fetched());

describe('the nats-server to run', () => {
  it('is the one that the environment names, also an old one', async () => {
    const natsServer = await program('mine', '2.9.10');
    await program('nats-server');
    expect(await find(natsServer)).toEqual({
      file: natsServer,
      version: { major: 2, minor: 9, patch: 10 },
    });
  });

  it.each([
    ['is not executable', 0o644, '2.15.1'],
    ['says no version', 0o755, 'none'],
  ])('is never another one than named: one that %s', async (_how, mode, version) => {
    const natsServer = await program('text', version, mode);
    await program('nats-server');
    await expect(find(natsServer)).rejects.toMatchObject({
      message: `SKYNET_NATS_SERVER names ${natsServer}, which can't be run.`,
    });
  });

  it('is else the one that was fetched', async () => {
    await program('nats-server', '2.14.0');
    const file = await program('fetched/nats-server');
    expect((await find(undefined)).file).toBe(file);
  });

  it('is else the first on the path that is still mended', async () => {
    await program('old/nats-server', '2.9.10');
    const file = await program('nats-server', '2.12.0');
    const path = [join(folder, 'nothing'), join(folder, 'old'), folder].join(':');
    expect((await find(undefined, path)).file).toBe(file);
  });
});

describe('syncing every append', () => {
  it.each([
    ['2.9.10', false],
    ['2.12.14', false],
    ['2.12.15', true],
    ['2.13.9', false],
    ['2.14.4', false],
    ['2.14.5', true],
    ['2.15.0', true],
  ])('is a promise that %s keeps: %s', async (version, isKept) => {
    const server = await find(await program('mine', version));
    const required = () => requireSyncAlways(server, true);
    if (isKept) expect(required).not.toThrow();
    else expect(required).toThrow(`this is ${version}.`);
  });
});
