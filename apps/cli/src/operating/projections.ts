import { resolve } from 'node:path';
import { rebuildAnswerSchema, subjects, type RebuildAnswer } from '@skynet/contracts';
import type { Command } from 'commander';
import { readConnection } from '../client/connection.js';
import { connectOperator } from '../client/operator-link.js';
import type { Surroundings, Work } from '../surroundings.js';
import { exitCodes, Trouble } from '../trouble.js';

interface RebuildOptions {
  readonly data?: string;
  readonly json?: boolean;
}

/** A log of millions of events is read from its start. */
const LONGEST_MS = 3_600_000;

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

async function rebuild(options: RebuildOptions, { config, terminal }: Surroundings): Work {
  const answer = await askForRebuild(resolve(options.data ?? config.dataFolder));
  if (options.json === true) terminal.print(JSON.stringify(answer));
  else renderRebuild(answer).forEach(terminal.print);
  return exitCodes.ok;
}

async function askForRebuild(dataFolder: string): Promise<RebuildAnswer> {
  const connection = await readConnection(dataFolder);
  const platform = await import('@skynet/platform');
  try {
    const operator = await connectOperator(connection);
    try {
      const { silentLogger } = platform;
      const bus = new platform.NatsMessageBus(operator.link, operator.publisher, silentLogger);
      const options = { timeoutMs: LONGEST_MS };
      return rebuildAnswerSchema.parse(await bus.request(subjects.rebuildProjections, {}, options));
    } finally {
      await operator.close();
    }
  } catch (error) {
    if (!(error instanceof platform.WorldError)) throw error;
    throw new Trouble(`The rows were not rebuilt: ${error.message}.`, {
      next: 'Does agent-runtime run, and is no other rebuild under way? It is safe to try again.',
      cause: error,
    });
  }
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
