import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeFolder } from './make-folder.js';

let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
});
afterEach(() => rm(parent, { recursive: true }));

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

describe('a folder', () => {
  it('is made with all above it, for its owner only, as often as wanted', async () => {
    const path = join(parent, 'a/b/c');
    await Promise.all([makeFolder(path), makeFolder(path)]);
    await makeFolder(path);
    expect([await modeOf(path), await modeOf(join(parent, 'a'))]).toEqual(['700', '700']);
  });

  it('is refused below a file', async () => {
    await writeFile(join(parent, 'file'), '');
    await expect(makeFolder(join(parent, 'file/below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it('is refused, not tried for ever, where nothing can be made', async () => {
    await expect(makeFolder('/proc/nothing/here')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
