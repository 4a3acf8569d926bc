import { resolve } from 'node:path';
import { retentionAnswerSchema, subjects } from '@skynet/contracts';
import type { Command } from 'commander';
import { days } from '../command/option-values.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { askRuntime } from '../operating/ask-runtime.js';
import { renderRetention } from './log-retention-view.js';

interface RetentionOptions {
  readonly data?: string;
  readonly days?: number;
  readonly json?: boolean;
}

export function addLogRetention(log: Command, surroundings: Surroundings): void {
  log
    .command('retention')
    .summary('show how long ended trees are kept, and which go next')
    .description(
      'Shows how many trees there are, how long ago the oldest ended, and which are forgotten next. Changes nothing: for how ' +
        'long trees are kept says AGENT_RUNTIME_RETENTION_DAYS. Exit code 1 when they should be forgotten and can not be.',
    )
    .option('--days <n>', 'what would go if trees were kept for so many days', days)
    .option('--data <folder>', 'folder of the stack to call (default: SKYNET_DATA, else .skynet)')
    .option('--json', 'print JSON')
    .action((options: RetentionOptions) => surroundings.run(show(options, surroundings)));
}

async function show(options: RetentionOptions, around: Surroundings): Work {
  const { config, terminal } = around;
  const answer = retentionAnswerSchema.parse(
    await askRuntime(
      resolve(options.data ?? config.dataFolder),
      {
        subject: subjects.retention,
        data: { days: options.days },
        trouble: 'It is not known what is kept',
        next: 'Does agent-runtime run? It is safe to try again.',
      },
      around,
    ),
  );
  if (options.json === true) terminal.printJson(answer);
  else renderRetention(answer, Date.now()).forEach(terminal.print);
  return answer.refusal === undefined ? exitCodes.ok : exitCodes.trouble;
}
