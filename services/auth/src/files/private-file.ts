import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const OTHERS = 0o077;

/** Replaces the file in one step, so that a crash leaves the old text or the new one, readable by its owner only. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomUUID()}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Undefined when there is no such file; refuses one that other users may read. */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(undefinedWhenMissing);
  if (found === undefined) return undefined;
  if ((found.mode & OTHERS) !== 0) {
    throw new Error(`${path} is open to other users: run "chmod 600 ${path}"`);
  }
  return readFile(path, 'utf8');
}

export function undefinedWhenMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}
