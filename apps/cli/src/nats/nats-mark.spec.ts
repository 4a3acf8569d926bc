import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { markNatsVersion, readNatsMark } from './nats-mark.js';
import { parseNatsVersion } from './nats-version.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
});
afterEach(() => rm(folder, { recursive: true }));

const version = (text: string) => parseNatsVersion(text) ?? { major: 0, minor: 0, patch: 0 };
const start = (text: string, options = {}) => markNatsVersion(folder, version(text), options);
const older = { allowOlder: true };

describe('a data folder', () => {
  it('remembers the newest minor version that wrote it', async () => {
    await start('2.12.15');
    await start('2.15.1');
    expect(await readFile(join(folder, 'nats-server.version'), 'utf8')).toBe('2.15\n');
  });

  it('takes an older patch of the same minor version', async () => {
    await start('2.15.2');
    await expect(start('2.15.0')).resolves.toBeUndefined();
  });

  it.each(['2.14.9', '2.12.15', '2.9.10', '1.4.1'])('refuses the older %s', async (text) => {
    await start('2.15.1');
    await expect(start(text)).rejects.toMatchObject({
      message: `nats-server 2.15 has written ${folder}, and ${text} may destroy what it does not know of it.`,
      exitCode: 1,
    });
    expect(await readNatsMark(folder)).toMatchObject({ major: 2, minor: 15 });
  });
});

describe('a data folder that may go back', () => {
  it('does, to a version that is still mended, and is then a folder of that one', async () => {
    await start('2.15.1');
    await start('2.12.15', older);
    await expect(start('2.12.15')).resolves.toBeUndefined();
    await expect(start('2.11.0')).rejects.toThrow('nats-server 2.12 has written');
  });

  it.each(['2.11.8', '2.9.10'])('never goes below: %s', async (text) => {
    await start('2.15.1');
    const refused = start(text, older);
    await expect(refused).rejects.toMatchObject({
      next: expect.stringContaining('skynet restore'),
    });
  });
});

describe('a folder from before the mark', () => {
  async function stored(file: string): Promise<void> {
    const messages = join(folder, 'nats/jetstream/$G/streams/LOG/msgs');
    await mkdir(messages, { recursive: true });
    await writeFile(join(messages, file), '');
  }

  it('is known to be of 2.10 or newer by the index of its streams', async () => {
    await stored('index.db');
    await expect(start('2.9.10')).rejects.toThrow('nats-server 2.10 has written');
    await expect(start('2.12.0')).resolves.toBeUndefined();
  });

  it('is taken by 2.9 when 2.9 wrote it', async () => {
    await stored('1.idx');
    await start('2.9.10');
    expect(await readNatsMark(folder)).toMatchObject({ major: 2, minor: 9 });
  });
});
