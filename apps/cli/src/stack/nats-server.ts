import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { CliConfig } from '../cli.config.js';
import { Trouble } from '../trouble.js';
import { REPOSITORY } from './repository.js';

const FILE_NAME = 'nats-server';
// Packages install servers where a user's PATH often does not look; npm start fetches one when there is none.
const OTHER_FOLDERS = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  join(REPOSITORY, '.cache/nats-server/usr/sbin'),
];

/** @throws Trouble when there is none, or the one that was named can't be run */
export async function findNatsServer(
  config: Pick<CliConfig, 'natsServer' | 'path'>,
): Promise<string> {
  const { natsServer, path } = config;
  if (natsServer !== undefined) {
    if (await isExecutable(natsServer)) return natsServer;
    throw new Trouble(`SKYNET_NATS_SERVER names ${natsServer}, which can't be run.`, {
      next: 'Correct it, or unset it to use the nats-server of this machine.',
    });
  }
  for (const folder of [...path.split(delimiter).filter(Boolean), ...OTHER_FOLDERS]) {
    const file = join(folder, FILE_NAME);
    if (await isExecutable(file)) return file;
  }
  throw new Trouble('There is no nats-server on this machine.', {
    next: 'Run "npm start", which fetches one, or set SKYNET_NATS_SERVER to its path.',
  });
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
