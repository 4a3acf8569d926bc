import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const OWNER_ONLY = 0o700;
const HASH_LENGTH = 8;

/** Files of a server's own. */
export interface ServerFolders {
  /** Kept, so that what npx and uvx have fetched is there at the next start. */
  readonly home: string;
  /** For as long as it runs. */
  readonly scratch: string;
  release(): void;
}

/** Makes them; a server of another registry has others, also under the same name. */
export function makeServerFolders(
  { homes, scratch: parent }: { readonly homes: string; readonly scratch: string },
  { name, cwd }: { readonly name: string; readonly cwd: string },
): ServerFolders {
  const hash = createHash('sha256').update(`${name}\n${cwd}`).digest('hex').slice(0, HASH_LENGTH);
  const home = join(homes, `${name.replace(/[^\w-]/g, '_')}-${hash}`);
  mkdirSync(home, { recursive: true, mode: OWNER_ONLY });
  const scratch = mkdtempSync(join(parent, 'server-'));
  for (const part of ['tmp', 'shm']) mkdirSync(join(scratch, part), { mode: OWNER_ONLY });
  writeFileSync(join(scratch, 'empty'), '');
  return { home, scratch, release: () => remove(scratch) };
}

/** What a server has left may resist; it is in nobody's way. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    return;
  }
}
