import { resolve } from 'node:path';
import { rebuildAnswerSchema, subjects, type RebuildAnswer } from '@skynet/contracts';
import type { Command } from 'commander';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { askRuntime } from './ask-runtime.js';

interface RebuildOptions {
  readonly data?: string;
  readonly json?: boolean;
}

export function addProjections(program: Command, surroundings: Surroundings): void {
  program
    .command('projections')
    .summary('rebuild what is derived from the log')
    .description('What readers see is derived from the log, and can be derived anew.')
    .command('rebuild')
    .summary('rebuild the rows of all agents')
    .description(
      'Folds the whole log into new rows beside the live ones, compares both, and makes the new ones the live ones. ' +
        'Agents run on meanwhile. The old rows stay until the next rebuild.',
    )
    .option('--data <folder>', 'folder of the stack to call (default: SKYNET_DATA, else .skynet)')
    .option('--json', 'print JSON')
    .action((options: RebuildOptions) => surroundings.run(rebuild(options, surroundings)));
}

async function rebuild(options: RebuildOptions, around: Surroundings): Work {
  const { config, terminal } = around;
  const answer = rebuildAnswerSchema.parse(
    await askRuntime(
      resolve(options.data ?? config.dataFolder),
      {
        subject: subjects.rebuildProjections,
        operation: { what: 'rebuild' },
        trouble: 'The rows were not rebuilt',
        next: 'Does agent-runtime run, and is no other rebuild under way? It is safe to try again.',
      },
      around,
    ),
  );
  if (options.json === true) terminal.printJson(answer);
  else renderRebuild(answer).forEach(terminal.print);
  return exitCodes.ok;
}

export function renderRebuild({ bucket, rows, equal, different, moved }: RebuildAnswer): string[] {
  const { count, agentIds } = different;
  const more = count > agentIds.length ? [`… and ${count - agentIds.length} more`] : [];
  return [
    `${rows} rows rebuilt in ${bucket}, which is live now`,
    `${equal} equal, ${count} different, ${moved} changed meanwhile and not compared`,
    ...agentIds.map((agentId) => `different: ${agentId}`),
    ...more,
  ];
}
