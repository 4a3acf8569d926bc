import { getUsageTool } from '@skynet/contracts';
import type { Command } from 'commander';
import type { Surroundings, Work } from '../command/surroundings.js';
import { addConnectionOptions, connected, type Called } from '../connection/connected.js';
import type { ConnectionOptions } from '../connection/connection.js';
import { exitCodes } from '../ending/trouble.js';
import { renderUsage } from './usage-view.js';

interface UsageOptions extends ConnectionOptions {
  readonly json?: boolean;
}

export function addUsage(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('usage')
    .summary('what your tenant uses of its limits')
    .description('Shows what your tenant has under way and has used today, beside its limits.')
    .option('--json', 'print JSON');
  addConnectionOptions(command).action((options: UsageOptions) =>
    surroundings.run(connected(surroundings, options, (called) => show(options, called))),
  );
}

async function show({ json }: UsageOptions, { client, terminal, signal }: Called): Work {
  const usage = await client.call(getUsageTool, {}, { signal });
  if (json === true) terminal.printJson(usage);
  else renderUsage(usage).forEach(terminal.print);
  return exitCodes.ok;
}
