import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Trouble } from '../trouble.js';

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
  const owner = await stackIn(path);
  if (owner !== undefined) {
    throw new Trouble(`Process ${owner} runs a stack in ${path}.`, {
      next: `Stop it, choose another folder with --data, or delete ${ownerFile} if that is some other program.`,
    });
  }
  await writeFile(ownerFile, `${process.pid}\n`, { mode: 0o600 });
  return { path, logs: await makeLogs(path), release: () => rm(ownerFile, { force: true }) };
}

/** The process that runs a stack in this folder. */
export async function stackIn(path: string): Promise<number | undefined> {
  const owner = await ownerOf(join(path, OWNER));
  return owner !== undefined && isAlive(owner) ? owner : undefined;
}

export async function makeTemporaryFolder(): Promise<DataFolder> {
  const path = await mkdtemp(join(tmpdir(), 'skynet-'));
  const release = () => rm(path, { recursive: true, force: true, maxRetries: 3 });
  return { path, logs: await makeLogs(path), release };
}

async function makePrivate(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: OWNER_ONLY });
  const { mode } = await stat(path);
  if ((mode & OTHERS) === 0) return;
  if ((await readdir(path)).length === 0) return chmod(path, OWNER_ONLY);
  throw new Trouble(`${path} is open to other users, and a stack keeps secrets in it.`, {
    next: `Run "chmod 700 ${path}", or choose another folder with --data.`,
  });
}

async function makeLogs(path: string): Promise<string> {
  const logs = join(path, 'logs');
  await mkdir(logs, { recursive: true, mode: OWNER_ONLY });
  return logs;
}

async function ownerOf(file: string): Promise<number | undefined> {
  try {
    return Number(await readFile(file, 'utf8')) || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
