import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { spawnAndWait } from '@skynet/client';
import { spawnAgentTool, type SpawnArguments } from '@skynet/contracts';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../connection/connection.js';
import { printResult } from './result-view.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import {
  addConnectionOptions,
  connected,
  exitCodeOfEnd,
  type Called,
} from '../connection/connected.js';
import { addGrants, addLimit, priority } from '../command/option-values.js';
import { progressNotes } from './progress-notes.js';

interface SpawnOptions extends ConnectionOptions {
  readonly model?: string;
  readonly template?: string;
  readonly tools?: string[];
  readonly limit?: NonNullable<SpawnArguments['limits']>;
  readonly parent?: string;
  readonly key?: string;
  readonly context?: string;
  readonly expect?: string;
  readonly priority?: number;
  readonly wait?: boolean;
  readonly json?: boolean;
}

export function addSpawn(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('spawn')
    .summary('start an agent on a task')
    .description('Starts an agent on a task and prints its id; it works on after this command.')
    .argument('<task>', 'what the agent shall do; - reads it from standard input')
    .option('--model <id>', 'for example scripted:echo or anthropic:<name>')
    .option('--template <name>', 'a template of the registry')
    .option('--tools <grants>', 'server__tool or server__*, separated by commas', addGrants)
    .option(
      '--limit <name=amount>',
      'tokens, costMicroUsd, seconds, depth, children or descendants; repeat for more',
      addLimit,
    )
    .option('--parent <id>', 'the agent that the new one works for')
    .option('--key <key>', 'the same key and task give the same agent, however often sent')
    .option('--context <text>', 'facts that the agent needs')
    .option('--expect <text>', 'shape of the answer')
    .option('--priority <0-9>', 'higher goes first, default 5', priority)
    .option('--wait', 'wait for the end and print the result')
    .option('--json', 'print JSON');
  addConnectionOptions(command).action((task: string, options: SpawnOptions) =>
    surroundings.run(connected(surroundings, options, (called) => spawn(task, options, called))),
  );
}

async function spawn(task: string, options: SpawnOptions, called: Called): Work {
  const { client, terminal, signal } = called;
  const description = task === '-' ? await text(process.stdin) : task;
  const input = spawnInput(description, options);
  if (options.wait !== true) {
    const spawned = await client.call(spawnAgentTool, input, { signal });
    if (options.json === true) terminal.printJson(spawned);
    else terminal.print(spawned.agentId);
    return exitCodes.ok;
  }
  const result = await spawnAndWait(client, input, { signal, onProgress: progressNotes(terminal) });
  printResult(terminal, result, options.json === true);
  return exitCodeOfEnd(result.status);
}

function spawnInput(description: string, options: SpawnOptions) {
  const { context, expect, model, template, tools, limit: limits, parent, key } = options;
  return {
    task: { description, context, expectedOutput: expect },
    model: model === undefined ? undefined : { id: model },
    template,
    tools,
    limits,
    priority: options.priority,
    parentId: parent,
    // Two commands mean two agents, though every process counts its requests from the same number.
    idempotencyKey: key ?? randomUUID(),
  };
}
