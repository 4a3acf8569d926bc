import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../files/make-folder.js';
import { own, ownerOf } from '../files/owner-file.js';
import { Trouble } from '../ending/trouble.js';

/** Where one stack keeps everything, and keeps other stacks out of. */
export interface DataFolder {
  readonly path: string;
  readonly logs: string;
  /** Gives the folder free; a temporary one is deleted. */
  release(): Promise<void>;
}

const OWNER = 'up.pid';
const OWNER_ONLY = 0o700;
const OTHERS = 0o077;

/** @throws Trouble when another stack runs in this folder */
export async function openDataFolder(path: string): Promise<DataFolder> {
  await makePrivate(path);
  const ownerFile = join(path, OWNER);
  const owner = await own(ownerFile);
  if (owner !== undefined) {
    throw new Trouble(`Process ${owner} runs a stack in ${path}.`, {
      next: `Stop it, choose another folder with --data, or delete ${ownerFile} if that is some other program.`,
    });
  }
  const release = () => rm(ownerFile, { force: true });
  try {
    return { path, logs: await makeLogs(path), release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** The process that runs a stack in this folder. */
export async function stackIn(path: string): Promise<number | undefined> {
  return ownerOf(join(path, OWNER));
}

export async function makeTemporaryFolder(): Promise<DataFolder> {
  const path = await mkdtemp(join(tmpdir(), 'skynet-'));
  const release = () => rm(path, { recursive: true, force: true, maxRetries: 3 });
  return { path, logs: await makeLogs(path), release };
}

async function makePrivate(path: string): Promise<void> {
  await makeFolder(path);
  const found = await stat(path);
  if (!found.isDirectory()) {
    throw new Trouble(`${path} is a file, not a folder.`, {
      next: 'Name a folder with --data, or with SKYNET_DATA.',
    });
  }
  const { mode } = found;
  if ((mode & OTHERS) === 0) return;
  if ((await readdir(path)).length === 0) return chmod(path, OWNER_ONLY);
  throw new Trouble(`${path} is open to other users, and a stack keeps secrets in it.`, {
    next: `Run "chmod 700 ${path}", or choose another folder with --data.`,
  });
}

async function makeLogs(path: string): Promise<string> {
  const logs = join(path, 'logs');
  await makeFolder(logs);
  return logs;
}
