import { resolve } from 'node:path';
import { subjects, viewsCheckAnswerSchema, type ViewsCheckAnswer } from '@skynet/contracts';
import type { Command } from 'commander';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { askRuntime } from './ask-runtime.js';

interface CheckOptions {
  readonly data?: string;
  readonly json?: boolean;
  readonly repair?: boolean;
}

export function addViews(program: Command, surroundings: Surroundings): void {
  program
    .command('views')
    .summary('compare what readers see with the log')
    .description('What readers see is derived from the log.')
    .command('check')
    .summary('compare the rows of all agents with the log')
    .description(
      'Folds the whole log and compares each agent’s row with it. Agents run on meanwhile; a row that moves on is no ' +
        'difference. Exit code 6 when rows differ and were not mended.',
    )
    .option('--repair', 'write the rows that differ as the log says')
    .option('--data <folder>', 'folder of the stack to call (default: SKYNET_DATA, else .skynet)')
    .option('--json', 'print JSON')
    .action((options: CheckOptions) => surroundings.run(check(options, surroundings)));
}

async function check(options: CheckOptions, around: Surroundings): Work {
  const { config, terminal } = around;
  const repair = options.repair === true;
  const answer = viewsCheckAnswerSchema.parse(
    await askRuntime(
      resolve(options.data ?? config.dataFolder),
      {
        subject: subjects.checkViews,
        data: { repair },
        operation: repair ? { what: 'repair', details: { of: 'rows' } } : undefined,
        trouble: 'The rows were not checked',
        next: 'Does agent-runtime run, and is no other check under way? It is safe to try again.',
      },
      around,
    ),
  );
  if (options.json === true) terminal.printJson(answer);
  else renderCheck(answer).forEach(terminal.print);
  return answer.mended === answer.different.count ? exitCodes.ok : exitCodes.diverged;
}

export function renderCheck({ rows, different, mended }: ViewsCheckAnswer): string[] {
  const { count, agentIds } = different;
  const more = count > agentIds.length ? [`… and ${count - agentIds.length} more`] : [];
  const hint = mended < count ? ['mend them: skynet views check --repair'] : [];
  return [
    `${rows} rows compared with the log: ${count} different, ${mended} mended`,
    ...agentIds.map((agentId) => `different: ${agentId}`),
    ...more,
    ...hint,
  ];
}
