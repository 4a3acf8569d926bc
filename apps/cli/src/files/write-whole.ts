import { randomUUID } from 'node:crypto';
import { rename, rm, stat, writeFile } from 'node:fs/promises';

const OWNER_ONLY = 0o600;

/** Writes a file as a whole: whoever reads it finds what was there, or all of the new text. A new one is for its owner only. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const before = await stat(file).catch(() => undefined);
  const mode = before === undefined ? OWNER_ONLY : before.mode & 0o777;
  const partial = `${file}.${randomUUID()}`;
  try {
    await writeFile(partial, text, { mode, flag: 'wx' });
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
