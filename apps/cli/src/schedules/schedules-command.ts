import { randomUUID } from 'node:crypto';
import type { SkynetClient } from '@skynet/client';
import {
  cancelScheduleTool,
  listSchedulesTool,
  scheduleAgentTool,
  type ScheduleShape,
} from '@skynet/contracts';
import { Option, type Command } from 'commander';
import { count } from '../command/option-values.js';
import {
  addSpawnOptions,
  spawnArguments,
  TASK_HELP,
  type SpawnOptions,
} from '../command/spawn-options.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { addConnectionOptions, connected, type Called } from '../connection/connected.js';
import type { ConnectionOptions } from '../connection/connection.js';
import { exitCodes } from '../ending/trouble.js';
import { renderSchedules } from './schedules-view.js';

interface SchedulesOptions extends ConnectionOptions {
  readonly json?: boolean;
}

interface AddOptions extends SchedulesOptions, SpawnOptions {
  readonly cron?: string;
  readonly timeZone?: string;
  readonly at?: string;
  readonly after?: number;
  readonly catchUp?: 'skip' | 'once';
  readonly key?: string;
}

export function addSchedules(program: Command, surroundings: Surroundings): void {
  const schedules = program
    .command('schedules')
    .summary('spawn agents later, or again and again')
    .description('Spawns agents at a time, or by cron; they are like those of "skynet spawn".');
  const run = (options: ConnectionOptions, work: (called: Called) => Work) =>
    surroundings.run(connected(surroundings, options, work));

  addAdd(schedules, run);
  const ls = schedules
    .command('ls')
    .description('Lists schedules, oldest first: the next tick, and what came of the last.')
    .option('--json', 'print one line of JSON for each');
  addConnectionOptions(ls).action((options: SchedulesOptions) =>
    run(options, (called) => list(options, called)),
  );
  const rm = schedules
    .command('rm')
    .description('Cancels a schedule. Agents that it spawned go on.')
    .argument('<id>', 'the schedule')
    .option('--json', 'print JSON');
  addConnectionOptions(rm).action((scheduleId: string, options: SchedulesOptions) =>
    run(options, async (called) => {
      const { client, signal } = called;
      const schedule = await client.call(cancelScheduleTool, { scheduleId }, { signal });
      if (options.json === true) called.terminal.printJson(schedule);
      else called.terminal.print(`${schedule.scheduleId} is ${schedule.status}`);
      return exitCodes.ok;
    }),
  );
}

type Run = (options: ConnectionOptions, work: (called: Called) => Work) => Promise<void>;

function addAdd(schedules: Command, run: Run): void {
  const add = schedules
    .command('add')
    .description(
      'Schedules an agent and prints the id of the schedule. Say --cron, --at or --after.',
    )
    .argument('<task>', TASK_HELP);
  addSpawnOptions(add)
    .option('--cron <expression>', 'minute hour day month weekday, for example "0 7 * * 1-5"')
    .option('--time-zone <name>', 'of --cron, for example Europe/Berlin (default: UTC)')
    .option('--at <time>', 'once, for example 2026-12-24T18:00:00Z')
    .option('--after <seconds>', 'once, so many seconds from now', count)
    .addOption(
      new Option(
        '--catch-up <how>',
        'ticks of --cron that were missed: none, or the latest',
      ).choices(['skip', 'once']),
    )
    .option('--key <key>', 'the same key and words give the same schedule, however often sent')
    .option('--json', 'print JSON');
  addConnectionOptions(add).action((task: string, options: AddOptions) =>
    run(options, (called) => schedule(task, options, called)),
  );
}

async function schedule(task: string, options: AddOptions, called: Called): Work {
  const { client, terminal, signal } = called;
  const { cron, timeZone, at, after: afterSeconds, catchUp, key, json } = options;
  const input = {
    agent: { ...(await spawnArguments(task, options)) },
    ...{ cron, timeZone, at, afterSeconds, catchUp },
    idempotencyKey: key ?? randomUUID(),
  };
  const made = await client.call(scheduleAgentTool, input, { signal });
  if (json === true) terminal.printJson(made);
  else terminal.print(made.scheduleId);
  return exitCodes.ok;
}

async function list(options: SchedulesOptions, { client, terminal, signal }: Called): Work {
  const schedules = await allSchedules(client, signal);
  if (options.json === true) schedules.forEach((each) => terminal.printJson(each));
  else if (schedules.length === 0) terminal.note('no schedules');
  else renderSchedules(schedules).forEach(terminal.print);
  return exitCodes.ok;
}

async function allSchedules(client: SkynetClient, signal: AbortSignal): Promise<ScheduleShape[]> {
  const schedules: ScheduleShape[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.call(listSchedulesTool, { cursor }, { signal });
    schedules.push(...page.schedules);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return schedules;
}
