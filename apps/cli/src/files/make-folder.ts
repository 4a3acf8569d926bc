import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What comes into such a folder is nobody else's. */
const OWNER_ONLY = 0o700;

/**
 * Makes a folder, and those above it, for its owner only. One that is there stays as it is. Node's own way tries for
 * ever where the system says that the folder above is not there although it is, as /proc does.
 *
 * @throws the error of the system when it can't be made
 */
export async function makeFolder(path: string): Promise<void> {
  if (await wasMade(path)) return;
  await makeFolder(dirname(path));
  await mkdir(path, { mode: OWNER_ONLY }).catch(ifCode('EEXIST'));
}

/** False: what is above it is not there yet. */
async function wasMade(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: OWNER_ONLY });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return true;
    if (code === 'ENOENT' && dirname(path) !== path) return false;
    throw error;
  }
}

function ifCode(expected: string): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (error.code !== expected) throw error;
  };
}
