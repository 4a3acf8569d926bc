import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LaunchRequest } from '../protocol/launch-request.js';

const OWNER_ONLY = 0o700;
const HASH_LENGTH = 8;
/** Tenants may choose their names: none is to find one that has the folder of another. */
const TENANT_HASH_LENGTH = 32;
/** Where npx and uvx keep what they have fetched. */
const CACHES = ['.npm', '.cache/uv', '.local/share/uv'];

/** Files of a server's own. */
export interface ServerFolders {
  /** Kept for its holder, so that what npx and uvx have fetched is there at the next start; else gone with the server. */
  readonly home: string;
  /** What of a home that is not kept is kept all the same: a folder, and its place in the home. */
  readonly caches: readonly { readonly folder: string; readonly place: string }[];
  /** For as long as it runs. */
  readonly scratch: string;
  release(): void;
}

/** Makes them; a server of another registry, or of another tenant, has others, also under the same name. */
export function makeServerFolders(
  { homes, scratch: parent }: { readonly homes: string; readonly scratch: string },
  request: Pick<LaunchRequest, 'name' | 'cwd' | 'holder'>,
): ServerFolders {
  const kept = join(homes, keptName(request));
  const scratch = mkdtempSync(join(parent, 'server-'));
  for (const part of ['tmp', 'shm']) mkdirSync(join(scratch, part), { mode: OWNER_ONLY });
  writeFileSync(join(scratch, 'empty'), '');
  const isKept = request.holder?.keepsHome ?? true;
  const home = isKept ? kept : join(scratch, 'home');
  const caches = isKept ? [] : CACHES.map((place) => ({ folder: join(kept, place), place }));
  for (const folder of [home, ...caches.map((cache) => cache.folder)]) {
    mkdirSync(folder, { recursive: true, mode: OWNER_ONLY });
  }
  return { home, caches, scratch, release: () => remove(scratch) };
}

/** Lets a home show its caches where nothing can be mounted. */
export function linkCaches({ home, caches }: ServerFolders): void {
  for (const { folder, place } of caches) {
    mkdirSync(dirname(join(home, place)), { recursive: true, mode: OWNER_ONLY });
    symlinkSync(folder, join(home, place));
  }
}

function keptName({ name, cwd, holder }: Pick<LaunchRequest, 'name' | 'cwd' | 'holder'>): string {
  const readable = name.replace(/[^\w-]/g, '_');
  return holder === undefined
    ? `${readable}-${hash(`${name}\n${cwd}`).slice(0, HASH_LENGTH)}`
    : `${readable}-${hash(JSON.stringify([name, cwd, holder.tenant])).slice(0, TENANT_HASH_LENGTH)}`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What a server has left may resist; it is in nobody's way. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    return;
  }
}
