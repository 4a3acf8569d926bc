import { resolve } from 'node:path';
import type { Command } from 'commander';
import { inTrouble } from '../ending/store-trouble.js';
import { readConnection } from '../connection/connection.js';
import { openLog } from '../connection/operator-log.js';
import { recorded } from '../recording/operator-acts.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { takeOverUsers } from './take-over.js';

interface UpgradeOptions {
  readonly data?: string;
  readonly json?: boolean;
}

export function addLogUpgrade(log: Command, surroundings: Surroundings): void {
  log
    .command('upgrade')
    .summary('bring what a release before kept elsewhere to where this one keeps it')
    .description(
      'Copies users and clients from the log that several services read into the one of auth alone, which waits for it. ' +
        '"skynet up" does it by itself. Stop the auth of the release before first. Safe to repeat, at any time.',
    )
    .option('--data <folder>', 'folder of the stack (default: SKYNET_DATA, else .skynet)')
    .option('--json', 'print JSON')
    .action((options: UpgradeOptions) => surroundings.run(upgrade(options, surroundings)));
}

async function upgrade(options: UpgradeOptions, { config, terminal }: Surroundings): Work {
  const connection = await readConnection(resolve(options.data ?? config.dataFolder));
  const { environment } = config;
  const takenOver = await inTrouble('Nothing was taken over', async () => {
    const stores = await openLog(connection, environment);
    try {
      const around = { connection, environment, note: terminal.note };
      return await recorded(around, { what: 'upgrade' }, () => takeOverUsers(stores));
    } finally {
      await stores.close();
    }
  });
  if (options.json === true) terminal.printJson({ takenOver });
  else renderUpgrade(takenOver).forEach(terminal.print);
  return exitCodes.ok;
}

export function renderUpgrade(takenOver: number): string[] {
  if (takenOver === 0) return ['nothing was left to take over'];
  return [
    `${takenOver} users and clients were taken over`,
    'LOG keeps what it held of them, hashes too: docs/operations/upgrade.md says how to be rid of it',
  ];
}
