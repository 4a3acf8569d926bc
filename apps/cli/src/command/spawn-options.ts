import { text } from 'node:stream/consumers';
import type { SpawnArguments } from '@skynet/contracts';
import type { Command } from 'commander';
import { exitCodes, Trouble } from '../ending/trouble.js';
import {
  addArgument,
  addGrants,
  addLimit,
  addParameter,
  agentName,
  outputSchema,
  priority,
} from './option-values.js';

/** What is said of an agent when it is spawned, now or later. */
export interface SpawnOptions {
  readonly name?: string;
  readonly model?: string;
  readonly template?: string;
  readonly arg?: Record<string, string>;
  readonly strategy?: string;
  readonly strategyArg?: Record<string, unknown>;
  readonly tools?: string[];
  readonly limit?: NonNullable<SpawnArguments['limits']>;
  readonly context?: string;
  readonly expect?: string;
  readonly outputSchema?: SpawnArguments['outputSchema'];
  readonly priority?: number;
}

export const TASK_HELP = 'what the agent shall do; - reads it from standard input';

export function addSpawnOptions(command: Command): Command {
  return command
    .option('--name <name>', 'what people call the agent, in traces too', agentName)
    .option('--model <id>', 'for example scripted:echo or anthropic:<name>')
    .option('--template <name>', 'a template; "skynet templates" lists them')
    .option(
      '--arg <name=text>',
      'an argument of the template; repeat for more, "skynet templates NAME" lists them',
      addArgument,
    )
    .option(
      '--strategy <name>',
      'how the agent splits its task among others; "skynet strategies" lists them',
    )
    .option(
      '--strategy-arg <name=value>',
      'a parameter of the strategy; repeat for more, and the same one for a list',
      addParameter,
    )
    .option('--tools <grants>', 'server__tool or server__*, separated by commas', addGrants)
    .option(
      '--limit <name=amount>',
      'tokens, costMicroUsd, seconds, depth, children or descendants; repeat for more',
      addLimit,
    )
    .option('--context <text>', 'facts that the agent needs')
    .option('--expect <text>', 'shape of the answer')
    .option(
      '--output-schema <schema>',
      'JSON Schema that the answer must fit: JSON, or a file that holds it',
      outputSchema,
    )
    .option('--priority <0-9>', 'higher goes first, default 5', priority);
}

export async function spawnArguments(task: string, options: SpawnOptions): Promise<SpawnArguments> {
  const { context, expect, model, name, template, tools, limit: limits, outputSchema } = options;
  const description = task === '-' ? await text(process.stdin) : task;
  return {
    task: { description, context, expectedOutput: expect },
    name,
    model: model === undefined ? undefined : { id: model },
    template,
    arguments: options.arg,
    strategy: strategyOf(options),
    tools,
    limits,
    outputSchema,
    priority: options.priority,
  };
}

function strategyOf({ strategy: name, strategyArg: parameters }: SpawnOptions) {
  if (name !== undefined) return { name, parameters };
  if (parameters === undefined) return undefined;
  throw new Trouble('--strategy-arg says something of a strategy that is not named.', {
    next: 'Name it with --strategy; "skynet strategies" lists them.',
    exitCode: exitCodes.usage,
  });
}
