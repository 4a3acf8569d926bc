import { randomUUID } from 'node:crypto';
import { spawnAndWait } from '@skynet/client';
import { spawnAgentTool } from '@skynet/contracts';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../connection/connection.js';
import { uploadFiles } from '../attachments/uploaded-files.js';
import { printResult } from './result-view.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import {
  addConnectionOptions,
  connected,
  exitCodeOfEnd,
  type Called,
} from '../connection/connected.js';
import { HeardTrace } from '../connection/trace-link.js';
import {
  addSpawnOptions,
  spawnArguments,
  TASK_HELP,
  type SpawnOptions,
} from '../command/spawn-options.js';
import { addFollowOptions, isFollowing, liveNotes, type FollowOptions } from './live-notes.js';

interface NowOptions extends SpawnOptions, ConnectionOptions, FollowOptions {
  readonly parent?: string;
  readonly key?: string;
  readonly attach?: string[];
  readonly wait?: boolean;
  readonly json?: boolean;
}

export function addSpawn(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('spawn')
    .summary('start an agent on a task')
    .description('Starts an agent on a task and prints its id; it works on after this command.');
  addOptions(command)
    .option('--wait', 'wait for the end and print the result')
    .action((task: string | undefined, options: NowOptions) =>
      surroundings.run(connected(surroundings, options, (called) => spawn(task, options, called))),
    );
}

export function addRun(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('run')
    .summary('start an agent on a task, wait, and print the result')
    .description(
      'Starts an agent on a task, waits for its end and prints the result: spawn --wait.',
    );
  addOptions(command).action((task: string | undefined, given: NowOptions) => {
    const options = { ...given, wait: true };
    return surroundings.run(
      connected(surroundings, options, (called) => spawn(task, options, called)),
    );
  });
}

function addOptions(command: Command): Command {
  command.argument('[task]', `${TASK_HELP}; may be left out with --template`);
  addSpawnOptions(command)
    .option('--parent <id>', 'the agent that the new one works for')
    .option(
      '--attach <file>',
      'an image or a file of the task, to 16 MiB; repeat for more',
      addFile,
    )
    .option('--key <key>', 'the same key and task give the same agent, however often sent')
    .option('--json', 'print JSON');
  return addConnectionOptions(addFollowOptions(command));
}

function addFile(file: string, before: readonly string[] = []): string[] {
  return [...before, file];
}

async function spawn(task: string | undefined, options: NowOptions, called: Called): Work {
  const { client, config, terminal, signal } = called;
  const { parent: parentId, key, attach = [], ...asked } = options;
  const said = await spawnArguments(task ?? taskWithout(options), asked);
  const uploaded = await uploadFiles(attach, client);
  const attachments = uploaded.map(({ id, mediaType, name }) => ({ id, mediaType, name }));
  const input = {
    ...said,
    ...(attachments.length > 0 && { attachments }),
    parentId,
    // Two commands mean two agents, though every process counts its requests from the same number.
    idempotencyKey: key ?? randomUUID(),
  };
  const heard = new HeardTrace();
  const { traceContext } = config;
  const traced = { signal, traceContext, onTrace: heard.hear };
  const noteTrace = () => {
    const link = heard.link(config.jaeger);
    if (link !== undefined) terminal.note(terminal.colors.dim(`trace: ${link}`));
  };
  if (options.wait !== true && !isFollowing(options)) {
    const spawned = await client.call(spawnAgentTool, input, traced);
    if (options.json === true) {
      terminal.printJson({ ...spawned, ...heard.forJson(config.jaeger) });
    } else {
      terminal.print(spawned.agentId);
      noteTrace();
    }
    return exitCodes.ok;
  }
  const result = await spawnAndWait(client, input, { ...traced, ...liveNotes(terminal, options) });
  noteTrace();
  printResult(terminal, result, options.json === true);
  return exitCodeOfEnd(result.status);
}

/** What an agent is told whose template says all that there is to do. */
function taskWithout({ template }: NowOptions): string {
  if (template !== undefined) return 'Begin.';
  const next = 'Say what the agent shall do, or name a template that does.';
  throw new Trouble('There is no task.', { next, exitCode: exitCodes.usage });
}
