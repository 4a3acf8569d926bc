import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeTemporaryFolder, openDataFolder } from './data-folder.js';

let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
});
afterEach(() => rm(parent, { recursive: true }));

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

describe('the folder of a stack', () => {
  it('is made for its owner only', async () => {
    const folder = await openDataFolder(join(parent, 'new/er'));
    expect([await modeOf(folder.path), await modeOf(folder.logs)]).toEqual(['700', '700']);
  });

  it('is closed to others when it was there, empty', async () => {
    const path = join(parent, 'empty');
    await mkdir(path);
    await chmod(path, 0o755);
    await openDataFolder(path);
    expect(await modeOf(path)).toBe('700');
  });

  it('is left alone when it holds something and is open to others', async () => {
    const path = join(parent, 'home');
    await mkdir(path);
    await chmod(path, 0o755);
    await writeFile(join(path, 'letter'), 'dear');
    await expect(openDataFolder(path)).rejects.toThrow('is open to other users');
    expect(await modeOf(path)).toBe('755');
  });

  it('belongs to one stack at a time', async () => {
    const path = join(parent, 'shared');
    const folder = await openDataFolder(path);
    await expect(openDataFolder(path)).rejects.toThrow(
      `Process ${process.pid} runs a stack in ${path}.`,
    );
    await folder.release();
    await (await openDataFolder(path)).release();
    expect(existsSync(path)).toBe(true);
  });

  it('is free again when the stack in it died', async () => {
    const path = join(parent, 'crashed');
    await openDataFolder(path);
    // Linux and macOS give no process an id as high as this.
    await writeFile(join(path, 'up.pid'), '99999999\n');
    await expect(openDataFolder(path)).resolves.toMatchObject({ path });
  });
});

describe('a temporary folder', () => {
  it('is gone when it is released', async () => {
    const folder = await makeTemporaryFolder();
    expect(await modeOf(folder.path)).toBe('700');
    await folder.release();
    expect(existsSync(folder.path)).toBe(false);
  });
});
