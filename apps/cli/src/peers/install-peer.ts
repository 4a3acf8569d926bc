import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from '../command/cli.config.js';
import { REPOSITORY } from '../stack/repository.js';

const SOURCES = join(REPOSITORY, 'tools/bench/peers');
const INSTALLED = join(REPOSITORY, '.cache/bench-peers');
const LOCK = 'package-lock.json';
const STAMP = '.installed';
const LONGEST_MS = 300_000;

interface InstallSurroundings {
  readonly environment: Environment;
  readonly signal: AbortSignal;
}

interface InstallPlaces {
  readonly sources: string;
  readonly installed: string;
}

/**
 * Copies a peer's programs to where its packages are, and fetches those where they are not there yet, exactly as locked
 * and without running a script of theirs. Returns the folder.
 *
 * @throws Error with what npm said
 */
export async function installPeer(
  name: string,
  surroundings: InstallSurroundings,
  { sources, installed }: InstallPlaces = { sources: SOURCES, installed: INSTALLED },
): Promise<string> {
  const [source, target] = [join(sources, name), join(installed, name)];
  await mkdir(target, { recursive: true });
  for (const file of await readdir(source)) {
    if (file !== 'node_modules') await cp(join(source, file), join(target, file));
  }
  const digest = createHash('sha256')
    .update(await readFile(join(source, LOCK)))
    .digest('hex');
  if ((await textOf(join(target, STAMP))) === digest) return target;
  await npmCi(target, surroundings);
  await writeFile(join(target, STAMP), digest);
  return target;
}

async function npmCi(cwd: string, { environment, signal }: InstallSurroundings): Promise<void> {
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  try {
    await promisify(execFile)('npm', args, { cwd, env: environment, signal, timeout: LONGEST_MS });
  } catch (error) {
    signal.throwIfAborted();
    const { stderr = '', message } = error as Error & { readonly stderr?: string };
    const said =
      /^npm error (?!code |syscall |errno )(.+)$/m.exec(stderr)?.[1] ?? message.split('\n')[0];
    throw new Error(`its packages can not be installed: ${said}`, { cause: error });
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
