import { chmod, mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KeyRing } from './key-ring.js';

const ROTATION_MS = 60_000;
const START_MS = 1_800_000_000_000;

let folder: string;
let file: string;
let nowMs: number;

function openRing(): KeyRing {
  return new KeyRing({ file, rotationMs: ROTATION_MS, clock: { nowMs: () => nowMs } });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-keys-'));
  file = join(folder, 'deeper', 'keys.json');
  nowMs = START_MS;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('signing keys on disk', () => {
  it('are made at the first start, for the owner of the process only', async () => {
    const keys = await openRing().current();
    expect(keys.map((key) => key.signsFromMs)).toEqual([START_MS, START_MS + ROTATION_MS]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'deeper'))).mode & 0o777).toBe(0o700);
  });

  it('are the same after a restart', async () => {
    const before = await openRing().current();
    expect(await openRing().current()).toEqual(before);
  });

  it('are the same array while nothing is due, so that users see a change', async () => {
    const ring = openRing();
    const before = await ring.current();
    nowMs += ROTATION_MS - 1;
    expect(await ring.current()).toBe(before);
  });

  it('get a successor when the announced key begins to sign', async () => {
    const ring = openRing();
    const before = await ring.current();
    nowMs += ROTATION_MS;
    const after = await ring.current();
    expect(after.slice(0, 2)).toEqual(before);
    expect(after).toHaveLength(3);
    expect(await openRing().current()).toEqual(after);
  });

  it('are rotated once by askers at the same time', async () => {
    const ring = openRing();
    await ring.current();
    nowMs += ROTATION_MS;
    const [one, other] = await Promise.all([ring.current(), ring.current()]);
    expect(one).toBe(other);
  });

  it('are made once by replicas that start at the same time, and rotated once', async () => {
    const rings = Array.from({ length: 4 }, openRing);
    const currents = () => Promise.all(rings.map((ring) => ring.current()));
    const made = await currents();
    for (const keys of made) expect(keys).toEqual(made[0]);
    nowMs += ROTATION_MS;
    const rotated = await currents();
    for (const keys of rotated) expect(keys).toEqual(rotated[0]);
    expect(rotated[0]).toHaveLength(3);
  });

  it('are not locked for ever by a process that died', async () => {
    await mkdir(`${file}.lock`, { recursive: true });
    await utimes(`${file}.lock`, 0, 0);
    expect(await openRing().current()).toHaveLength(2);
  });

  it('are refused when other users may read them', async () => {
    await openRing().current();
    await chmod(file, 0o640);
    await expect(openRing().current()).rejects.toThrow(`chmod 600 ${file}`);
  });

  it('are never replaced when the file is damaged', async () => {
    await openRing().current();
    await writeFile(file, '{"keys":[]}');
    await expect(openRing().current()).rejects.toThrow(file);
    expect(await readFile(file, 'utf8')).toBe('{"keys":[]}');
  });
});
