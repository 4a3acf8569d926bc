import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { unpackFromApt } from './debian-packages.mjs';
import { ask, askNetwork, say, timed } from './processes.mjs';
import { Trouble } from './trouble.mjs';

const OLDEST = [2, 9];
// Where packages put servers; a user's PATH often leaves them out.
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

/** The path of a nats-server that is new enough: the caller's, the machine's, or one fetched into .cache without root. */
export async function findNatsServer(root) {
  const named = process.env.SKYNET_NATS_SERVER;
  if (named) return checkNamed(named);
  const fetched = join(root, '.cache/nats-server/usr/sbin/nats-server');
  const onPath = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS]
    .filter(Boolean)
    .map((folder) => join(folder, 'nats-server'));
  return [...onPath, fetched].find(isUsable) ?? (await fetchNatsServer(root, fetched));
}

function checkNamed(file) {
  if (isUsable(file)) return file;
  throw new Trouble(
    `SKYNET_NATS_SERVER names ${file}, which is not a nats-server ${OLDEST.join('.')} or newer.`,
    'Correct it, or unset it to let this program find or fetch one.',
  );
}

function isUsable(file) {
  if (!existsSync(file)) return false;
  const [, major, minor] = /v(\d+)\.(\d+)/.exec(ask(file, ['--version']).output) ?? [];
  return Number(major) > OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1]);
}

async function fetchNatsServer(root, fetched) {
  say('nats-server is not on this machine; fetching it …');
  const { result, line } = await timed('nats-server fetched', () =>
    process.platform === 'darwin'
      ? installWithHomebrew()
      : unpackFromApt(join(root, '.cache'), join(root, '.cache/nats-server'), ['nats-server']),
  );
  const file = [fetched, ...SYSTEM_FOLDERS.map((folder) => join(folder, 'nats-server'))].find(
    isUsable,
  );
  if (file) {
    say(`${line}: ${file}`);
    return file;
  }
  throw new Trouble(
    `nats-server ${OLDEST.join('.')} or newer is needed and could not be fetched: ${result}`,
    'Install it (Debian and Ubuntu: apt install nats-server; macOS: brew install nats-server), or set SKYNET_NATS_SERVER to its path.',
  );
}

function installWithHomebrew() {
  return askNetwork('brew', ['install', 'nats-server']).output.trim() || 'there is no brew';
}
