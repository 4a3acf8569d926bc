import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PayloadRef } from '@skynet/contracts';
import { sha256Hex } from '../runtime/hashing.js';
import { WorldError } from '../runtime/world-error.js';
import { damaged, payloadKey, payloadRefOf } from './payload-address.js';
import type { PayloadStore } from './payload-store.port.js';

/** Payloads as files `<folder>/<tenant>/<sha256>`, in a folder that all services of an installation share. */
export class FilePayloadStore implements PayloadStore {
  private constructor(private readonly folder: string) {}

  /** @throws WorldError `retry: 'never'` when the folder can't be made or written to */
  static async open(folder: string): Promise<FilePayloadStore> {
    const probe = join(folder, `.probe-${randomUUID()}`);
    try {
      await mkdir(probe, { recursive: true });
      await rm(probe, { recursive: true });
    } catch (error) {
      throw new WorldError(`payload folder ${folder} can't be written to`, 'never', {
        cause: error,
      });
    }
    return new FilePayloadStore(folder);
  }

  async put(tenant: string, content: string | Uint8Array): Promise<PayloadRef> {
    const ref = payloadRefOf(content);
    const key = payloadKey(tenant, ref);
    const file = this.#fileOf(key);
    try {
      if ((await lengthOf(file)) !== ref.bytes) await writeWhole(file, content);
      return ref;
    } catch (error) {
      throw new WorldError(`payload ${key} can't be stored now`, 'later', { cause: error });
    }
  }

  async get(tenant: string, ref: PayloadRef): Promise<string | undefined> {
    return (await this.getBytes(tenant, ref))?.toString('utf8');
  }

  async getBytes(tenant: string, { sha256 }: PayloadRef): Promise<Buffer | undefined> {
    return this.find(tenant, sha256);
  }

  async find(tenant: string, sha256: string): Promise<Buffer | undefined> {
    const key = payloadKey(tenant, { sha256 });
    let content: Buffer;
    try {
      content = await readFile(this.#fileOf(key));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw new WorldError(`payload ${key} can't be read now`, 'later', { cause: error });
    }
    if (sha256Hex(content) === sha256) return content;
    throw damaged(key);
  }

  #fileOf(key: string): string {
    return join(this.folder, ...key.split('.'));
  }
}

/** Undefined when there is no file. */
async function lengthOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The file has its name only when all of it is on the disk. */
async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const folder = dirname(file);
  const unfinished = join(folder, `.${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  try {
    const handle = await open(unfinished, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
