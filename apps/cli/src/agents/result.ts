import { readResult } from '@skynet/client';
import { isEnd } from '@skynet/contracts';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../connection/connection.js';
import { printResult } from './result-view.js';
import type { Surroundings } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { addConnectionOptions, connected, exitCodeOfEnd } from '../connection/connected.js';

interface ResultOptions extends ConnectionOptions {
  readonly json?: boolean;
}

export function addResult(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('result')
    .summary('print the answer of an agent')
    .description('Prints the whole answer of an agent; before its end what there is so far.')
    .argument('<id>', 'the agent')
    .option('--json', 'print JSON');
  addConnectionOptions(command).action((agentId: string, options: ResultOptions) =>
    surroundings.run(
      connected(surroundings, options, async ({ client, terminal }) => {
        const result = await readResult(client, agentId);
        printResult(terminal, result, options.json === true);
        return isEnd(result.status) ? exitCodeOfEnd(result.status) : exitCodes.stillRunning;
      }),
    ),
  );
}
