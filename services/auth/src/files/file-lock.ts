import { mkdir, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { undefinedWhenMissing } from './private-file.js';

const PAUSE_MS = 20;
/** Nobody holds the lock for so long: its owner has died. */
const STALE_MS = 10_000;

/** Does the work while no other process does any under the same file's lock. */
export async function withFileLock<Result>(
  file: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const lock = `${file}.lock`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  while (!(await taken(lock))) await setTimeout(PAUSE_MS);
  try {
    return await work();
  } finally {
    await rmdir(lock).catch(undefinedWhenMissing);
  }
}

async function taken(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = await stat(lock).catch(undefinedWhenMissing);
  if (found !== undefined && Date.now() - found.mtimeMs > STALE_MS) {
    await rmdir(lock).catch(undefinedWhenMissing);
  }
  return false;
}
