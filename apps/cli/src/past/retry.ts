import { randomUUID } from 'node:crypto';
import { retryAgentTool, type RequestedLimits } from '@skynet/contracts';
import type { Command } from 'commander';
import { waitAndPrint } from '../agents/wait-and-print.js';
import { addLimit } from '../command/option-values.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import type { ConnectionOptions } from '../connection/connection.js';
import { addConnectionOptions, connected, type Called } from '../connection/connected.js';
import { exitCodes } from '../ending/trouble.js';

interface RetryOptions extends ConnectionOptions {
  readonly model?: string;
  readonly message?: string;
  readonly limit?: RequestedLimits;
  readonly key?: string;
  readonly wait?: boolean;
  readonly json?: boolean;
}

export function addRetry(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('retry')
    .summary('start an agent in the place of one that failed')
    .description(
      'Starts a new agent in the place of one that failed, expired, was exhausted or terminated. It goes on from the last\n' +
        'good step of that one: finished calls are not made again. A child begins below its parent, which is told.',
    )
    .argument('<id>', 'the agent that has ended')
    .option('--model <id>', 'go on with another model')
    .option('--message <text>', 'tell it something more')
    .option('--limit <name=amount>', 'instead of what was left; repeat for more', addLimit)
    .option('--key <key>', 'the same key and wishes give the same agent, however often sent')
    .option('--wait', 'wait for the end and print the result')
    .option('--json', 'print JSON');
  addConnectionOptions(command).action((agentId: string, options: RetryOptions) =>
    surroundings.run(connected(surroundings, options, (called) => retry(agentId, options, called))),
  );
}

async function retry(source: string, options: RetryOptions, called: Called): Work {
  const { client, terminal, signal } = called;
  const { model, message, limit: limits, key } = options;
  // Two commands mean two agents.
  const idempotencyKey = key ?? randomUUID();
  const input = { agentId: source, model, message, limits, idempotencyKey };
  const retried = await client.call(retryAgentTool, input, { signal });
  if (options.wait === true) return waitAndPrint(retried.agentId, options, called);
  if (options.json === true) terminal.printJson(retried);
  else terminal.print(retried.agentId);
  return exitCodes.ok;
}
