import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const READABLE_BY_OTHERS = 0o004;
const OPEN_TO_OTHERS = 0o001;

/** What of a folder is not for all users of the machine, as password files and private keys: for who runs as root. */
export function privateFilesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isFile() && !entry.isDirectory()) return [];
    const path = join(folder, entry.name);
    const mode = modeOf(path);
    const needed = entry.isFile() ? READABLE_BY_OTHERS : READABLE_BY_OTHERS | OPEN_TO_OTHERS;
    if ((mode & needed) !== needed) return [path];
    return entry.isDirectory() ? privateFilesIn(path) : [];
  });
}

function modeOf(path: string): number {
  try {
    return statSync(path).mode;
  } catch {
    return 0;
  }
}
