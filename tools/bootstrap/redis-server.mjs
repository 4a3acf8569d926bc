import { chmodSync, existsSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { unpackFromApt } from './debian-packages.mjs';
import { ask, askNetwork, say, timed } from './processes.mjs';
import { Trouble } from './trouble.mjs';

const OLDEST_MAJOR = 6;
const SYSTEM_FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];
// The program itself, and the libraries that not every machine has.
const PACKAGES = ['redis-tools', 'libatomic1', 'libjemalloc2', 'liblzf1'];

/**
 * The path of a redis-server that is new enough: the caller's, the machine's, or one fetched into .cache without root.
 * Undefined where none can be had: only tests of one adapter need it, and say that they are skipped.
 */
export async function findRedisServer(root) {
  const named = process.env.SKYNET_REDIS_SERVER;
  if (named) return checkNamed(named);
  const fetched = join(root, '.cache/redis-server/redis-server');
  const onPath = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS]
    .filter(Boolean)
    .map((folder) => join(folder, 'redis-server'));
  return [...onPath, fetched].find(isUsable) ?? (await fetchRedisServer(root, fetched));
}

function checkNamed(file) {
  if (isUsable(file)) return file;
  throw new Trouble(
    `SKYNET_REDIS_SERVER names ${file}, which is not a redis-server ${OLDEST_MAJOR} or newer.`,
    'Correct it, or unset it to let this program find or fetch one.',
  );
}

function isUsable(file) {
  if (!existsSync(file)) return false;
  const [, major] = /v=(\d+)\./.exec(ask(file, ['--version']).output) ?? [];
  return Number(major) >= OLDEST_MAJOR;
}

async function fetchRedisServer(root, fetched) {
  say('redis-server is not on this machine; fetching it …');
  const { result, line } = await timed('redis-server fetched', () =>
    process.platform === 'darwin'
      ? askNetwork('brew', ['install', 'redis']).output.trim() || 'there is no brew'
      : fetchFromApt(root, fetched),
  );
  const file = [fetched, ...SYSTEM_FOLDERS.map((folder) => join(folder, 'redis-server'))].find(
    isUsable,
  );
  if (file) say(`${line}: ${file}`);
  else say(`redis-server could not be fetched, its tests are skipped: ${result}`);
  return file;
}

/** Unpacked packages are where no loader looks for libraries, so a script names the place. */
function fetchFromApt(root, fetched) {
  const target = join(root, '.cache/redis-server');
  const said = unpackFromApt(join(root, '.cache'), target, PACKAGES);
  const program = join(target, 'usr/bin/redis-server');
  if (!existsSync(join(target, 'usr/bin/redis-check-rdb'))) return said;
  // One program under several names; the package with this name would bring a service.
  rmSync(program, { force: true });
  symlinkSync('redis-check-rdb', program);
  const folder = join(target, 'usr/lib');
  const libraries = readdirSync(folder)
    .map((each) => join(folder, each))
    .join(':');
  writeFileSync(fetched, `#!/bin/sh\nLD_LIBRARY_PATH='${libraries}' exec '${program}' "$@"\n`);
  chmodSync(fetched, 0o755);
  return said;
}
