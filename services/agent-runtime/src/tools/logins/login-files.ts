import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import {
  pendingLoginSchema,
  storedLoginSchema,
  type PendingLogin,
  type StoredLogin,
} from './stored-login.js';

const PAUSE_MS = 20;
/** Whoever holds the lock says so again and again. */
const HELD_EACH_MS = 10_000;
/** Who has not said so for so long has died. */
const STALE_MS = 60_000;
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;
const MAX_FILE_BYTES = 1_024 * 1_024;

/**
 * Logins to tool servers, a file each, readable by nobody but the user of this process. Replicas may share the folder: a
 * file is replaced as a whole, by one process at a time. What can't be read counts as absent.
 */
export class LoginFiles {
  constructor(
    private readonly folder: string,
    private readonly onUnreadable: (file: string) => void = () => undefined,
  ) {}

  find(server: string): Promise<StoredLogin | undefined> {
    return this.read(this.fileOf(server), storedLoginSchema);
  }

  /** Replaces the login to a server, or removes it, while no other process does. A change that throws leaves it as it was. */
  async change(
    server: string,
    change: (login: StoredLogin | undefined) => Promise<StoredLogin | undefined>,
  ): Promise<StoredLogin | undefined> {
    const file = this.fileOf(server);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const lock = `${file}.lock`;
    while (!(await taken(lock))) await sleep(PAUSE_MS);
    const holding = setInterval(() => void hold(lock), HELD_EACH_MS);
    try {
      await this.sweep(server, isStale).catch(() => undefined);
      const login = await this.find(server);
      const changed = await change(login);
      if (changed === login) return login;
      if (changed === undefined) await rm(file, { force: true });
      else await replace(file, changed);
      return changed;
    } finally {
      clearInterval(holding);
      await rmdir(lock).catch(() => undefined);
    }
  }

  /** Leaves nothing of the server behind, of whatever form. Resolves with whether there was a login. Safe to retry. */
  async forget(server: string): Promise<boolean> {
    if (!(await this.has(server))) return false;
    let wasThere = false;
    await this.endPending(server);
    await this.change(server, async (login) => {
      wasThere = login !== undefined;
      await this.sweep(server, () => Promise.resolve(true));
      await rm(this.fileOf(server), { force: true });
      return undefined;
    });
    return wasThere;
  }

  /** The next one to the same server takes its place. */
  async begin(server: string, pending: PendingLogin): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await replace(this.pendingFileOf(server), pending);
  }

  pending(server: string): Promise<PendingLogin | undefined> {
    return this.read(this.pendingFileOf(server), pendingLoginSchema);
  }

  async endPending(server: string): Promise<void> {
    await rm(this.pendingFileOf(server), { force: true });
  }

  private async has(server: string): Promise<boolean> {
    const files = [this.fileOf(server), this.pendingFileOf(server)].map((file) => basename(file));
    const begins = (name: string) => files.some((file) => name.startsWith(file));
    return (await this.names()).some(begins);
  }

  /** Removes what a crash has left of files that should have taken another's place. */
  private async sweep(server: string, isLeft: (path: string) => Promise<boolean>): Promise<void> {
    const files = [this.fileOf(server), this.pendingFileOf(server)].map((file) => basename(file));
    for (const name of await this.names()) {
      const isFresh = files.some(
        (file) => name.startsWith(`${file}.`) && UUID.test(name.slice(file.length + 1)),
      );
      const path = join(this.folder, name);
      if (isFresh && (await isLeft(path))) await rm(path, { force: true });
    }
  }

  private async names(): Promise<string[]> {
    try {
      return await readdir(this.folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  private fileOf(server: string): string {
    return join(this.folder, `${encodeURIComponent(server)}.json`);
  }

  private pendingFileOf(server: string): string {
    return join(this.folder, `${encodeURIComponent(server)}.pending`);
  }

  private async read<Shape>(file: string, schema: z.ZodType<Shape>): Promise<Shape | undefined> {
    try {
      const { size } = await stat(file);
      if (size > MAX_FILE_BYTES) throw new Error('too large');
      return schema.parse(JSON.parse(await readFile(file, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.onUnreadable(file);
      return undefined;
    }
  }
}

/** A crash leaves the file of before, or the whole new one. */
async function replace(file: string, value: object): Promise<void> {
  const fresh = `${file}.${randomUUID()}`;
  try {
    const handle = await open(fresh, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(value, undefined, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}

async function taken(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (await isStale(lock)) await breakStale(lock);
  return false;
}

async function hold(lock: string): Promise<void> {
  const now = new Date();
  await utimes(lock, now, now).catch(() => undefined);
}

/** One at a time: who is late would take away the lock of somebody who lives. */
async function breakStale(lock: string): Promise<void> {
  const breaking = `${lock}.breaking`;
  try {
    await mkdir(breaking);
  } catch {
    if (await isStale(breaking)) await rmdir(breaking).catch(() => undefined);
    return;
  }
  if (await isStale(lock)) await rmdir(lock).catch(() => undefined);
  await rmdir(breaking).catch(() => undefined);
}

async function isStale(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > STALE_MS;
}
