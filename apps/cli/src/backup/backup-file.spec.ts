import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LogDigest } from '@skynet/platform';
import { commitOf } from '@skynet/testing';
import { BackupWriter, readBackup } from './backup-file.js';
import type { BackupRecord, CommitRecord } from './backup-lines.js';
import { ContentCount } from './content-count.js';

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

async function written() {
  const writer = await BackupWriter.open(file, counted());
  for (const record of records) await writer.write(record);
  return writer.finish();
}

async function readAll(): Promise<BackupRecord[]> {
  const read: BackupRecord[] = [];
  for await (const record of readBackup(file, counted())) read.push(record);
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
    ['has another version', (text) => text.replace('"version":1', '"version":2'), 'version 2'],
    ['is something else', () => 'hello\n', 'no backup'],
    ['is empty', () => '', 'no backup'],
    ['leads out of the folder', (text) => text.replace('auth/sign', '../../sign'), 'Line 6'],
  ])('is refused when it %s', async (_what, change, why) => {
    await written();
    await writeFile(file, change(await readFile(file, 'utf8')));
    await expect(readAll()).rejects.toThrow(why);
  });
});
