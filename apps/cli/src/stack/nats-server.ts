import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { CliConfig } from '../command/cli.config.js';
import { Trouble } from '../ending/trouble.js';
import {
  canSyncAlways,
  isOlderMinor,
  MENDED,
  parseNatsVersion,
  versionText,
  type NatsVersion,
} from '../nats/nats-version.js';
import { REPOSITORY } from './repository.js';

/** A nats-server on this machine. */
export interface NatsServer {
  readonly file: string;
  readonly version: NatsVersion;
}

type Wishes = Pick<CliConfig, 'natsServer' | 'path'>;

const FILE_NAME = 'nats-server';
// What npm start fetches is the newest that was tried.
const FETCHED = join(REPOSITORY, '.cache/nats-server');
// Packages install servers where a user's PATH often does not look.
const OTHER_FOLDERS = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  join(REPOSITORY, '.cache/nats-server-debian/usr/sbin'),
];

/**
 * The one that is named, else the first of what `npm start` fetched and this machine has that is still mended, else any.
 *
 * @throws Trouble when there is none, or the one that was named can't be run
 */
export async function findNatsServer(config: Wishes, fetched = FETCHED): Promise<NatsServer> {
  const { natsServer, path } = config;
  if (natsServer !== undefined) {
    const named = await serverAt(natsServer);
    if (named !== undefined) return named;
    throw new Trouble(`SKYNET_NATS_SERVER names ${natsServer}, which can't be run.`, {
      next: 'Correct it, or unset it to use the nats-server of this machine.',
    });
  }
  const folders = [fetched, ...path.split(delimiter).filter(Boolean), ...OTHER_FOLDERS];
  let old: NatsServer | undefined;
  for (const folder of new Set(folders)) {
    const server = await serverAt(join(folder, FILE_NAME));
    if (server !== undefined && !isOlderMinor(server.version, MENDED)) return server;
    old ??= server;
  }
  if (old !== undefined) return old;
  throw new Trouble('There is no nats-server on this machine.', {
    next: 'Run "npm start", which fetches one, or set SKYNET_NATS_SERVER to its path.',
  });
}

const CLUSTERABLE = { major: 2, minor: 10 };

/** @throws Trouble when servers of this version let two writers into one place of the log, once they are several */
export function requireClusterable(
  { version }: Pick<NatsServer, 'version'>,
  servers: number,
): void {
  if (servers === 1 || !isOlderMinor(version, CLUSTERABLE)) return;
  throw new Trouble(
    `Several servers need nats-server 2.10 or newer, and this is ${versionText(version)}.`,
    { next: 'Unset SKYNET_NATS_SERVER and run "npm start", which fetches a newer one.' },
  );
}

/** @throws Trouble when every append shall be synced and the server would not keep that promise */
export function requireSyncAlways(
  { version }: Pick<NatsServer, 'version'>,
  syncAlways = false,
): void {
  if (!syncAlways || canSyncAlways(version)) return;
  throw new Trouble(
    `--sync-always needs nats-server 2.12.15, 2.14.5 or newer, and this is ${versionText(version)}.`,
    { next: 'Unset SKYNET_NATS_SERVER and run "npm start", which fetches a newer one.' },
  );
}

async function serverAt(file: string): Promise<NatsServer | undefined> {
  try {
    await access(file, constants.X_OK);
    const { stdout } = await promisify(execFile)(file, ['--version']);
    const version = parseNatsVersion(stdout);
    return version && { file, version };
  } catch {
    return undefined;
  }
}
