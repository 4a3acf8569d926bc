import { setTimeout as sleep } from 'node:timers/promises';
import { EventReader, type ShownEvent } from '@skynet/client';
import { getAgentStatusTool, isEnd } from '@skynet/contracts';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../connection/connection.js';
import { addArchiveOptions, type ArchiveOptions } from '../archive/archive-options.js';
import { ArchivedTree } from '../archive/archive-questions.js';
import { diffStreams } from './stream-diff.js';
import { renderEvent } from './event-line.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { addConnectionOptions, connected, type Called } from '../connection/connected.js';

interface EventsOptions extends ConnectionOptions, ArchiveOptions {
  readonly diff?: string;
  readonly follow?: boolean;
  readonly json?: boolean;
}

const LOOK_AGAIN_MS = 250;

export function addEvents(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('events')
    .summary('print the log of an agent')
    .description('Prints everything that happened to an agent, oldest first.')
    .argument('<id>', 'the agent')
    .option('--diff <other>', 'compare with the log of another agent; exit code 6 when they differ')
    .option('--follow', 'go on until the agent has ended, or Ctrl-C')
    .option('--json', 'print one line of JSON for each');
  addArchiveOptions(addConnectionOptions(command)).action(
    (agentId: string, options: EventsOptions) =>
      surroundings.run(print(agentId, options, surroundings)),
  );
}

async function print(agentId: string, options: EventsOptions, surroundings: Surroundings): Work {
  const archived = await ArchivedTree.named(options, surroundings.config, agentId);
  if (archived !== undefined) {
    for (const event of await archived.events()) printEvent(event, options, surroundings);
    return exitCodes.ok;
  }
  return connected(surroundings, options, (called) =>
    options.diff === undefined
      ? events(agentId, options, called)
      : diffStreams([agentId, options.diff], options, called),
  );
}

function printEvent(event: ShownEvent, { json }: EventsOptions, { terminal }: Surroundings): void {
  if (json === true) terminal.printJson(event);
  else terminal.print(renderEvent(event, terminal));
}

async function events(agentId: string, options: EventsOptions, called: Called): Work {
  const { client, signal } = called;
  const reader = new EventReader(client, agentId);
  for (;;) {
    // Asked before reading: what ended the agent is then among what is read.
    const hasEnded = options.follow !== true || (await ended(agentId, called));
    for (const event of await reader.read(signal)) printEvent(event, options, called);
    if (hasEnded) return exitCodes.ok;
    await sleep(LOOK_AGAIN_MS, undefined, { signal });
  }
}

async function ended(agentId: string, { client, signal }: Called): Promise<boolean> {
  const { status } = await client.call(getAgentStatusTool, { agentId }, { signal });
  return isEnd(status);
}
