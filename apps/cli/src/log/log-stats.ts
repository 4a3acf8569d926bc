import { resolve } from 'node:path';
import type { Command } from 'commander';
import { readConnection } from '../connection/connection.js';
import { count } from '../command/option-values.js';
import { renderLogStats } from './log-stats-view.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { readLogStats } from './log-reading.js';

interface StatsOptions {
  readonly data?: string;
  readonly largest: number;
  readonly json?: boolean;
}

const LARGEST = 5;

export function addLogStats(log: Command, surroundings: Surroundings): void {
  log
    .command('stats')
    .summary('count what is in the log')
    .description(
      'Counts streams, commits, events and bytes, and how much of the largest agents is content.',
    )
    .option('--largest <n>', 'agents to show', count, LARGEST)
    .option('--data <folder>', 'folder of the stack (default: SKYNET_DATA, else .skynet)')
    .option('--json', 'print JSON')
    .action((options: StatsOptions) => surroundings.run(stats(options, surroundings)));
}

async function stats(options: StatsOptions, { config, terminal }: Surroundings): Work {
  const connection = await readConnection(resolve(options.data ?? config.dataFolder));
  const read = await readLogStats(connection, config.environment, options.largest);
  if (options.json === true) terminal.printJson(read);
  else renderLogStats(read).forEach(terminal.print);
  return exitCodes.ok;
}
