import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../files/make-folder.js';
import type { FileRecord } from './backup-lines.js';

/** What of a data folder is nowhere else: signing keys and clients of auth, keys for NATS, imported trees. */
const KEPT = [
  /^auth\/[A-Za-z0-9_-]+\.json$/,
  /^keys\/[a-z-]+\/nats\.nk$/,
  /^archives\/[^/.][^/]*\.ndjson$/,
];
const FOLDERS = ['archives', 'auth', 'keys'];

export async function* keptFiles(dataFolder: string): AsyncGenerator<FileRecord, void, undefined> {
  for (const folder of FOLDERS) {
    for (const path of await filesBelow(dataFolder, folder)) {
      if (!KEPT.some((kept) => kept.test(path))) continue;
      const base64 = (await readFile(join(dataFolder, path))).toString('base64');
      yield { kind: 'file', path, base64 };
    }
  }
}

/** Readable by its owner only. */
export async function writeKeptFile(
  dataFolder: string,
  { path, base64 }: FileRecord,
): Promise<void> {
  const file = join(dataFolder, path);
  await makeFolder(dirname(file));
  await writeFile(file, Buffer.from(base64, 'base64'), { mode: 0o600, flag: 'wx' });
}

async function filesBelow(dataFolder: string, folder: string): Promise<string[]> {
  try {
    const found = await readdir(join(dataFolder, folder), { recursive: true, withFileTypes: true });
    return found
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(join(dataFolder, '/').length))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
