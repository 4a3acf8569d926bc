import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join, relative, resolve, sep } from 'node:path';
import { packageAround } from './package-around.js';

/** A part of the machine's files as a server sees it. */
export interface Mount {
  readonly kind: 'read' | 'write' | 'hide';
  /** On the machine, without symbolic links. */
  readonly source: string;
  /** In the sandbox. */
  readonly target: string;
}

export interface Wanted {
  readonly cwd: string;
  readonly path: string;
  /** Program that is started, as it was found. */
  readonly program: string;
  readonly args: readonly string[];
  /** Files that its environment names. */
  readonly files: readonly string[];
  readonly folders: readonly { readonly path: string; readonly writable: boolean }[];
  readonly hidden: readonly string[];
  /** Of the user; never shown as a whole unless `folders` says so. */
  readonly home: string;
}

/** Read-only in every sandbox, where they are. */
export const SYSTEM_FOLDERS = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/etc',
  '/nix',
  '/gnu',
];

/** Private or made anew in every sandbox; no entry shows them by just naming something inside. */
const NOT_SHOWN = ['/proc', '/sys', '/dev', '/run', '/var/run'];
const TOO_BROAD = [
  '/',
  '/tmp',
  '/var',
  '/var/tmp',
  '/home',
  '/root',
  '/opt',
  '/mnt',
  '/media',
  '/srv',
];

/**
 * What a server sees beside the system: what its entry names, read-only unless it says otherwise, and of that nothing
 * that is hidden. The more exact of two wins; of what is hidden only `folders` can show a part.
 */
export function mountsOf(wanted: Wanted): Mount[] {
  const hidden = existing(wanted.hidden);
  const named = namedBy(wanted, hidden)
    .map(real)
    .filter(({ source }) => !isTooBroad(source, wanted.home) && !isHidden(source, hidden))
    .map((place): Mount => ({ kind: 'read', ...place }));
  const granted = wanted.folders
    .map(({ path, writable }) => ({ writable, ...real(path) }))
    .filter(({ source }) => !hidden.includes(source))
    .map(({ writable, ...place }): Mount => ({ kind: writable ? 'write' : 'read', ...place }));
  const shown = distinct([...named, ...granted]);
  const system = SYSTEM_FOLDERS.filter(existsSync).map((folder) => ({ ...real(folder) }));
  const covers = [...system, ...shown].flatMap(({ source, target }) =>
    hidden
      .filter((each) => isIn(each, source))
      .map((each): Mount => ({
        kind: 'hide',
        source: each,
        target: join(target, relative(source, each)),
      })),
  );
  return [...shown, ...distinct(covers)].sort((one, other) => depthOf(one) - depthOf(other));
}

function namedBy(
  { cwd, path, program, args, files, home }: Wanted,
  hidden: readonly string[],
): string[] {
  const around = (file: string) => packageAround(file, (each) => isTooBroad(each, home));
  const programs = [program, realpathSync(program)].map(around);
  const folders = path.split(delimiter).filter((folder) => existsSync(folder));
  const inArgs = args
    .filter((arg) => arg.includes('/') || arg === '..' || arg === '.')
    .map((arg) => resolve(cwd, arg.replace(/^--?[\w-]+=/, '')))
    .filter((file) => existsSync(file) && !isHidden(realpathSync(file), hidden))
    .map(around);
  return [cwd, ...programs, ...folders.map(installationOf), ...inArgs, ...files].filter(
    (each) => existsSync(each) && !inSystem(each),
  );
}

/** A folder of programs is useless without what is installed beside it, as `lib`; not so the one that many share. */
function installationOf(folder: string): string {
  const parent = dirname(folder);
  const isOwn = folder.endsWith(`${sep}bin`) && !parent.endsWith(`${sep}.local`);
  return isOwn && existsSync(join(parent, 'lib')) ? parent : folder;
}

function inSystem(path: string): boolean {
  const isThere = (each: string) => SYSTEM_FOLDERS.some((folder) => isIn(each, folder));
  return isThere(path) && isThere(realpathSync(path));
}

function isTooBroad(path: string, home: string): boolean {
  if (NOT_SHOWN.some((folder) => isIn(path, folder)) || TOO_BROAD.includes(path)) return true;
  return isIn(home, path);
}

function isHidden(path: string, hidden: readonly string[]): boolean {
  return hidden.some((each) => isIn(path, each));
}

/** Later ones win, as a grant over what is just named. */
function distinct(mounts: readonly Mount[]): Mount[] {
  return [...new Map(mounts.map((mount) => [mount.target, mount])).values()];
}

function existing(paths: readonly string[]): string[] {
  return paths.filter((path) => existsSync(path)).map((path) => realpathSync(path));
}

function real(path: string): { source: string; target: string } {
  return { source: realpathSync(path), target: resolve(path) };
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function depthOf({ target }: Mount): number {
  return target.split(sep).length;
}
