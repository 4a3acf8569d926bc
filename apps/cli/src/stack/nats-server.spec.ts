import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findNatsServer } from './nats-server.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function program(name: string, mode = 0o755): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, '#!/bin/sh\n');
  await chmod(file, mode);
  return file;
}

describe('the nats-server to run', () => {
  it('is the one that the environment names', async () => {
    const natsServer = await program('mine');
    await program('nats-server');
    expect(await findNatsServer({ natsServer, path: folder })).toBe(natsServer);
  });

  it('is never another one than named', async () => {
    const natsServer = await program('text', 0o644);
    await program('nats-server');
    await expect(findNatsServer({ natsServer, path: folder })).rejects.toMatchObject({
      message: `SKYNET_NATS_SERVER names ${natsServer}, which can't be run.`,
    });
  });

  it('is else the first on the path', async () => {
    const file = await program('nats-server');
    const path = `${join(folder, 'nothing')}:${folder}`;
    expect(await findNatsServer({ natsServer: undefined, path })).toBe(file);
  });
});
