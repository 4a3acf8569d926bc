import { mkdir, rename, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { makeFolder } from '../files/make-folder.js';
import { readJson } from '../files/read-json.js';

/** What is kept of a login. */
const loginSchema = z.object({
  issuer: z.url(),
  tokenEndpoint: z.url(),
  clientId: z.string(),
  token: z.string(),
  tokenExpiresAt: z.string(),
  refreshToken: z.string().optional(),
});
export type StoredLogin = z.infer<typeof loginSchema>;

const fileSchema = z.record(z.string(), loginSchema);

const PAUSE_MS = 20;
/** Nobody holds the lock for so long: its owner has died. */
const STALE_MS = 20_000;

/** The logins of this user of this machine, by URL of the server. Readable by nobody else. */
export class LoginsFile {
  constructor(private readonly path: string) {}

  async find(mcp: string): Promise<StoredLogin | undefined> {
    return (await this.read())[mcp];
  }

  /** Replaces the login of a server, or removes it, while no other process does. */
  async change(
    mcp: string,
    change: (login: StoredLogin | undefined) => Promise<StoredLogin | undefined>,
  ): Promise<StoredLogin | undefined> {
    await makeFolder(dirname(this.path));
    const lock = `${this.path}.lock`;
    while (!(await taken(lock))) await sleep(PAUSE_MS);
    try {
      const { [mcp]: login, ...others } = await this.read();
      const changed = await change(login);
      await this.write(changed === undefined ? others : { ...others, [mcp]: changed });
      return changed;
    } finally {
      await rmdir(lock).catch(() => undefined);
    }
  }

  private async read(): Promise<Record<string, StoredLogin>> {
    const next = 'Move it away, then log in again.';
    return (await readJson(this.path, fileSchema, next)) ?? {};
  }

  private async write(logins: Record<string, StoredLogin>): Promise<void> {
    const temporary = `${this.path}.new`;
    await writeFile(temporary, `${JSON.stringify(logins, undefined, 2)}\n`, { mode: 0o600 });
    await rename(temporary, this.path);
  }
}

async function taken(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = await stat(lock).catch(() => undefined);
  const isStale = found !== undefined && Date.now() - found.mtimeMs > STALE_MS;
  if (isStale) await rmdir(lock).catch(() => undefined);
  return false;
}
