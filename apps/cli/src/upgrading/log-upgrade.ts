import { resolve } from 'node:path';
import type { Command } from 'commander';
import { inTrouble } from '../ending/store-trouble.js';
import { readConnection } from '../connection/connection.js';
import { recorded } from '../recording/operator-acts.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { makeStores } from './make-stores.js';
import { takeOverUsers } from './take-over.js';

interface UpgradeOptions {
  readonly data?: string;
  readonly json?: boolean;
}

export function addLogUpgrade(log: Command, surroundings: Surroundings): void {
  log
    .command('upgrade')
    .summary('make what services keep things in, as this release wants it')
    .description(
      'Makes the streams and buckets of NATS, which services may only use, and gives those that are there the settings of ' +
        'this release. Copies users and clients that a release before kept in the log that several services read; stop auth ' +
        'of that release first. "skynet up" does all this by itself; elsewhere run it before services start, at first and at ' +
        'each upgrade, with their settings in the environment. Safe to repeat, at any time.',
    )
    .option('--data <folder>', 'folder of the stack (default: SKYNET_DATA, else .skynet)')
    .option('--json', 'print JSON')
    .action((options: UpgradeOptions) => surroundings.run(upgrade(options, surroundings)));
}

async function upgrade(options: UpgradeOptions, { config, terminal }: Surroundings): Work {
  const connection = await readConnection(resolve(options.data ?? config.dataFolder));
  const { environment } = config;
  const done = await inTrouble('Nothing was made', async () => {
    const around = { connection, environment, note: terminal.note };
    return recorded(around, { what: 'upgrade' }, async () => ({
      made: await makeStores(connection, environment),
      takenOver: await takeOverUsers(connection, environment),
    }));
  });
  if (options.json === true) terminal.printJson(done);
  else renderUpgrade(done).forEach(terminal.print);
  return exitCodes.ok;
}

/** What an upgrade has changed. */
export interface Upgraded {
  /** Streams, a bucket `x` as `KV_x`. */
  readonly made: readonly string[];
  /** Users and clients. */
  readonly takenOver: number;
}

function renderUpgrade({ made, takenOver }: Upgraded): string[] {
  const lines = [
    made.length === 0 ? 'all streams and buckets are there' : `made ${made.join(', ')}`,
  ];
  if (takenOver === 0) return [...lines, 'nothing was left to take over'];
  return [
    ...lines,
    `${takenOver} users and clients were taken over`,
    'LOG keeps what it held of them, hashes too: docs/operations/upgrade.md says how to be rid of it',
  ];
}
