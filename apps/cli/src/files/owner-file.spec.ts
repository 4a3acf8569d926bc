import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { own, ownerOf } from './owner-file.js';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
  file = join(folder, 'up.pid');
});
afterEach(() => rm(folder, { recursive: true }));

const all = () => Promise.all(Array.from({ length: 30 }, () => own(file)));

describe('the file that says whose a folder is', () => {
  it.each([
    ['a new folder', undefined],
    // Linux and macOS give no process an id as high as this.
    ['a folder whose owner died', '99999999\n'],
    ['a folder with a damaged file', 'x'],
  ])('goes to one of all who want %s at the same time', async (_, before) => {
    if (before !== undefined) await writeFile(file, before);
    const owners = await all();
    expect(owners.filter((owner) => owner === undefined)).toHaveLength(1);
    expect(new Set(owners)).toEqual(new Set([undefined, process.pid]));
    expect(await readFile(file, 'utf8')).toBe(`${process.pid}\n`);
    expect(await readdir(folder)).toEqual(['up.pid']);
  });

  it('is had after an heir died in the middle of it', async () => {
    await writeFile(file, '99999999\n');
    await writeFile(`${file}.heir`, '99999998\n');
    expect(await own(file)).toBeUndefined();
    expect(await ownerOf(file)).toBe(process.pid);
  });

  it('names nobody who died', async () => {
    await writeFile(file, '99999999\n');
    expect(await ownerOf(file)).toBeUndefined();
  });
});
