import { randomUUID } from 'node:crypto';
import { forkAgentTool, type ForkedEffect, type RequestedLimits } from '@skynet/contracts';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../connection/connection.js';
import { oneLine } from '../screen/plain-text.js';
import { waitAndPrint } from '../agents/wait-and-print.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { addConnectionOptions, connected, type Called } from '../connection/connected.js';
import { addLimit, count } from '../command/option-values.js';

interface ForkOptions extends ConnectionOptions {
  readonly at?: number;
  readonly model?: string;
  readonly message?: string;
  readonly limit?: RequestedLimits;
  readonly key?: string;
  readonly wait?: boolean;
  readonly json?: boolean;
}

export function addFork(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('fork')
    .summary('start an agent that shares what another one had done')
    .description(
      'Starts a new tree that begins with all results before an event of an agent, and goes its own way from there.\n' +
        'Calls whose outcome is recorded are not made again; what is shared and what is done again is listed.',
    )
    .argument('<id>', 'the agent to fork; it may have ended')
    .option('--at <n>', 'share the first n events, back to a whole step (default: all)', count)
    .option('--model <id>', 'go on with another model')
    .option('--message <text>', 'tell it something more')
    .option('--limit <name=amount>', 'instead of what was left then; repeat for more', addLimit)
    .option('--key <key>', 'the same key and wishes give the same fork, however often sent')
    .option('--wait', 'wait for the end and print the result')
    .option('--json', 'print JSON');
  addConnectionOptions(command).action((agentId: string, options: ForkOptions) =>
    surroundings.run(connected(surroundings, options, (called) => fork(agentId, options, called))),
  );
}

async function fork(source: string, options: ForkOptions, called: Called): Work {
  const { client, terminal, signal } = called;
  const { at, model, message, limit: limits, key } = options;
  // Two commands mean two forks.
  const idempotencyKey = key ?? randomUUID();
  const input = { agentId: source, at, model, message, limits, idempotencyKey };
  const forked = await client.call(forkAgentTool, input, { signal });
  const { agentId } = forked;
  if (options.json !== true) {
    terminal.note(`shares the first ${forked.at} events`);
    list('not made again', forked.shared, called);
    list('made again', forked.again, called);
    list('asked about first', forked.inDoubt, called);
    for (const id of forked.agents) terminal.note(oneLine(`forked with it: ${id}`));
  }
  if (options.wait !== true) {
    if (options.json === true) terminal.printJson(forked);
    else terminal.print(agentId);
    return exitCodes.ok;
  }
  return waitAndPrint(agentId, options, called);
}

function list(what: string, effects: readonly ForkedEffect[], { terminal }: Called): void {
  for (const { agentId, id, name } of effects)
    terminal.note(oneLine(`${what}: ${name} (${agentId} ${id})`));
}
