import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LogDigest } from '@skynet/platform/operations';
import { commitOf } from '@skynet/testing';
import { BackupWriter, readBackup } from './backup-file.js';
import type { BackupRecord, CommitRecord } from './backup-lines.js';
import { ContentCount } from './content-count.js';
import { openSigningKey, readTrustedKeys } from './signing-key.js';
import type { Trust } from './trust.js';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
  file = join(folder, 'backup.ndjson');
});
afterEach(() => rm(folder, { recursive: true }));

const counted = () => new ContentCount(new LogDigest());

function commit(revision: number, text: string): CommitRecord {
  const events = commitOf([text], `c${revision}`) as unknown as CommitRecord['events'];
  return { kind: 'commit', stream: 'agent-a', id: `c${revision}`, revision, events };
}

const records: BackupRecord[] = [
  { kind: 'payload', tenant: 'acme', text: 'a text with \u2028 in it\r\n' },
  commit(0, 'first'),
  commit(1, 'second'),
  { kind: 'entry', bucket: 'oidc', key: 'Grant/x', value: { z: 1, a: [2] } },
  { kind: 'file', path: 'auth/signing-keys.json', base64: 'e30=' },
];

async function written(keyFile = join(folder, 'key.pem')) {
  const writer = await BackupWriter.open(file, counted());
  for (const record of records) await writer.write(record);
  return writer.finish(await openSigningKey(keyFile));
}

async function trust(change: Partial<Trust> = {}): Promise<Trust> {
  const keys = await readTrustedKeys([join(folder, 'key.pub.pem')]);
  return { keys, unsigned: false, ...change };
}

async function readAll(change: Partial<Trust> = {}): Promise<BackupRecord[]> {
  const read: BackupRecord[] = [];
  const trusted = await trust(change);
  for await (const record of readBackup(file, counted(), trusted)) read.push(record);
  return read;
}

describe('a backup', () => {
  it('gives back what was written, keys in their order, readable by its owner only', async () => {
    const { content } = await written();
    expect(content).toMatchObject({ streams: 1, commits: 2, payloads: 1, entries: 1, files: 1 });
    expect(JSON.stringify(await readAll())).toBe(JSON.stringify(records));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('is never written over another file', async () => {
    await writeFile(file, 'mine');
    await expect(BackupWriter.open(file, counted())).rejects.toThrow('already');
    expect(await readFile(file, 'utf8')).toBe('mine');
  });

  it('that was given up leaves nothing behind', async () => {
    const writer = await BackupWriter.open(file, counted());
    await writer.giveUp();
    await expect(stat(file)).rejects.toThrow('ENOENT');
    await expect(stat(`${file}.part`)).rejects.toThrow('ENOENT');
  });
});

describe('a backup that is not as it was written', () => {
  const lines = (change: (lines: string[]) => string[]) => (text: string) =>
    change(text.trimEnd().split('\n')).join('\n') + '\n';

  it.each<[string, (text: string) => string, string]>([
    ['is cut off after a line', lines((all) => all.slice(0, -1)), 'cut off'],
    ['is cut off inside a line', (text) => text.slice(0, text.length * 0.4), 'cut off'],
    ['was altered', (text) => text.replace('"second"', '"Second"'), 'Line 4 was altered'],
    ['lost a line', lines((all) => all.toSpliced(2, 1)), 'has a gap before event 1'],
    ['lost a last record', lines((all) => all.toSpliced(-2, 1)), 'hash of everything'],
    ['has a line more', lines((all) => [...all, all[1] ?? '']), 'goes on after its end'],
    ['has another version', (text) => text.replace('"version":2', '"version":3'), 'version 3'],
    ['is something else', () => 'hello\n', 'no backup'],
    ['is empty', () => '', 'no backup'],
    ['leads out of the folder', (text) => text.replace('auth/sign', '../../sign'), 'Line 6'],
  ])('is refused when it %s', async (_what, change, why) => {
    await written();
    await writeFile(file, change(await readFile(file, 'utf8')));
    await expect(readAll()).rejects.toThrow(why);
  });
});

/** What somebody can do who has the file and knows its form, but not the key: every hash fits. */
async function forge(change: (lines: string[], footer: Record<string, unknown>) => void) {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const footer = JSON.parse(lines.pop() ?? '') as Record<string, unknown>;
  change(lines, footer);
  const sha256 = createHash('sha256').update(lines.map((line) => `${line}\n`).join(''));
  const last = { ...footer, sha256: sha256.digest('hex') };
  await writeFile(file, `${[...lines, JSON.stringify(last)].join('\n')}\n`);
}

const withoutSignature = (lines: string[], footer: Record<string, unknown>) => {
  lines[0] = (lines[0] ?? '').replace('"version":2', '"version":1');
  delete footer['signature'];
};

describe('a backup whose every hash fits', () => {
  it('is refused when it was altered after it was signed, even as an unsigned one', async () => {
    await written();
    await forge((lines) => {
      const [record] = JSON.stringify({ kind: 'file', path: 'auth/x.json', base64: 'e319' }).split(
        '\n',
      );
      const hash = createHash('sha256')
        .update(record ?? '')
        .digest('hex');
      lines[5] = `{"sha256":"${hash}","record":${record}}`;
    });
    await expect(readAll()).rejects.toThrow('altered after it was signed');
    await expect(readAll({ unsigned: true })).rejects.toThrow('altered after it was signed');
  });

  it('is refused when another installation has signed it, until its public key is named', async () => {
    await openSigningKey(join(folder, 'key.pem'));
    const { signature } = await written(join(folder, 'other.pem'));
    await expect(readAll()).rejects.toThrow(`not known here: ${signature?.key}`);
    const keys = await readTrustedKeys([join(folder, 'other.pub.pem')]);
    expect(await readAll({ keys })).toHaveLength(records.length);
    expect(await readAll({ unsigned: true })).toHaveLength(records.length);
  });

  it('is refused when its signature was taken off, unless one says so', async () => {
    await written();
    await forge(withoutSignature);
    await expect(readAll()).rejects.toThrow('not signed');
    expect(await readAll({ unsigned: true })).toHaveLength(records.length);
  });

  it('is refused when it says that it is signed and is not', async () => {
    await written();
    await forge((_, footer) => delete footer['signature']);
    await expect(readAll({ unsigned: true })).rejects.toThrow('damaged or cut off');
  });
});

describe('the key of an installation', () => {
  it('is made once, by one of all who want it, for its owner only', async () => {
    const path = join(folder, 'settings/key.pem');
    const keys = await Promise.all(Array.from({ length: 5 }, () => openSigningKey(path)));
    expect(keys.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await openSigningKey(path)).isNew).toBe(false);
  });

  it('is named when its file holds something else, without what it holds', async () => {
    await writeFile(join(folder, 'key.pem'), 'a secret');
    await expect(openSigningKey(join(folder, 'key.pem'))).rejects.toThrow(
      `${join(folder, 'key.pem')} holds no key for backups.`,
    );
  });
});
