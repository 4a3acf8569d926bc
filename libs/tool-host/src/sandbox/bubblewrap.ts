import { execFile } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { SYSTEM_FOLDERS, type Mount } from './mounts.js';
import { privateFilesIn } from './private-files.js';

/** A bubblewrap that works on this machine. */
export interface Bubblewrap {
  readonly program: string;
  /** Parts of the system's folders that a server does not see. */
  readonly privateFiles: readonly string[];
}

/** What one sandbox holds. */
export interface SandboxPlan {
  /** Seen in the sandbox as /tool. */
  readonly home: string;
  /** Seen in the home. */
  readonly caches: readonly { readonly folder: string; readonly place: string }[];
  /** Holds `tmp`, `shm` and the empty file `empty`; gone with the server. */
  readonly scratch: string;
  readonly mounts: readonly Mount[];
  readonly cwd: string;
  readonly network: boolean;
  readonly processes: number;
}

/** Its home, in the sandbox. */
export const SANDBOX_HOME = '/tool';

const FETCHED = resolve(import.meta.dirname, '../../../../.cache/bubblewrap/bwrap');
const PRLIMIT = '/usr/bin/prlimit';
/** The kernel counts threads. */
const THREADS_OF_A_PROCESS = 16;
// As the owner of a machine, which root in a sandbox still is, one could change its settings here.
const SETTINGS_OF_KERNEL = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'];
const TRIAL_LIMIT_MS = 10_000;

/** The first bubblewrap of this machine that works, or why there is none. */
export async function findBubblewrap(
  path: string,
): Promise<Bubblewrap | { readonly reason: string }> {
  if (process.platform !== 'linux') return { reason: `there is none for ${process.platform}` };
  const folders = [...path.split(delimiter), '/usr/bin', '/usr/local/bin'].filter(Boolean);
  const programs = [...folders.map((folder) => join(folder, 'bwrap')), FETCHED].filter(existsSync);
  let reason = 'bubblewrap is not installed';
  for (const program of new Set(programs)) {
    const trouble = await tryOut(program);
    if (trouble === undefined) return { program, privateFiles: privateFilesIn('/etc') };
    reason = trouble;
  }
  return { reason };
}

/** Arguments of bubblewrap up to the command. */
export function bubblewrapArguments({
  home,
  caches,
  scratch,
  mounts,
  cwd,
  network,
  processes,
}: SandboxPlan): string[] {
  return [
    ...isolation(network),
    ...systemMounts(),
    ...(network ? resolverMounts() : []),
    ...['--bind', join(scratch, 'shm'), '/dev/shm'],
    ...['--bind', join(scratch, 'tmp'), '/tmp', '--symlink', '/tmp', '/var/tmp'],
    ...['--bind', home, SANDBOX_HOME],
    ...caches.flatMap(({ folder, place }) => ['--bind', folder, join(SANDBOX_HOME, place)]),
    ...mounts.flatMap((mount) => mountArguments(mount, join(scratch, 'empty'))),
    ...['--remount-ro', '/dev', '--remount-ro', '/', '--chdir', cwd, '--'],
    ...processLimit(processes),
  ];
}

function isolation(network: boolean): string[] {
  const shared = network ? ['--share-net'] : [];
  return ['--unshare-all', ...shared, '--cap-drop', 'ALL', '--new-session', '--die-with-parent'];
}

function systemMounts(): string[] {
  return [
    ...SYSTEM_FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
      lstatSync(folder).isSymbolicLink()
        ? ['--symlink', readlinkSync(folder), folder]
        : ['--ro-bind', folder, folder],
    ),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...SETTINGS_OF_KERNEL.map((name) => `/proc/${name}`).flatMap((path) => [
      '--ro-bind-try',
      path,
      path,
    ]),
  ];
}

/** The file that /etc/resolv.conf stands for, where it lies elsewhere. */
function resolverMounts(): string[] {
  try {
    const file = realpathSync('/etc/resolv.conf');
    return file.startsWith('/etc/') ? [] : ['--ro-bind', file, file];
  } catch {
    return [];
  }
}

function mountArguments({ kind, source, target }: Mount, empty: string): string[] {
  if (kind !== 'hide') return [kind === 'write' ? '--bind' : '--ro-bind', source, target];
  if (statSync(source).isDirectory()) return ['--tmpfs', target, '--remount-ro', target];
  return ['--ro-bind', empty, target];
}

/** Between two looks at a server the kernel keeps the limit, except for root. */
function processLimit(processes: number): string[] {
  const limit = processes * THREADS_OF_A_PROCESS;
  const [, , hard] =
    /^Max processes +(\S+) +(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  if (!existsSync(PRLIMIT) || Number(hard) < limit) return [];
  return [PRLIMIT, `--nproc=${limit}`, '--'];
}

async function tryOut(program: string): Promise<string | undefined> {
  const args = [...isolation(false), ...systemMounts(), '--remount-ro', '/', '--', '/bin/true'];
  try {
    await promisify(execFile)(program, args, { env: {}, timeout: TRIAL_LIMIT_MS });
    return undefined;
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    return (stderr.trim() || message).split('\n').at(-1);
  }
}
