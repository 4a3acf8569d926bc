import { resolve } from 'node:path';
import { providersAnswerSchema, subjects } from '@skynet/contracts';
import type { Command } from 'commander';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { askRuntime } from '../operating/ask-runtime.js';
import { renderProviders } from './providers-view.js';

interface ProvidersOptions {
  readonly data?: string;
  readonly json?: boolean;
}

export function addProviders(program: Command, surroundings: Surroundings): void {
  program
    .command('providers')
    .summary('say how the model providers fare: limits, failures, calls that wait')
    .description(
      'Shows the limits per minute of the registry with what all workers have used of them, and how one worker finds ' +
        'the providers that it has called. Exits with 1 when one of them fails.',
    )
    .option('--data <folder>', 'folder of the stack to call (default: SKYNET_DATA, else .skynet)')
    .option('--json', 'print JSON')
    .action((options: ProvidersOptions) => surroundings.run(providers(options, surroundings)));
}

async function providers(options: ProvidersOptions, around: Surroundings): Work {
  const { config, terminal } = around;
  const answer = providersAnswerSchema.parse(
    await askRuntime(
      resolve(options.data ?? config.dataFolder),
      {
        subject: subjects.modelProviders,
        trouble: 'The model providers are not known',
        next: 'Does agent-runtime run? It is safe to try again.',
      },
      around,
    ),
  );
  if (options.json === true) terminal.printJson(answer);
  else renderProviders(answer).forEach(terminal.print);
  const isWell = answer.circuits.every(({ state }) => state !== 'failures');
  return isWell ? exitCodes.ok : exitCodes.trouble;
}
