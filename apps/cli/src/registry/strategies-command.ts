import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { listedStrategySchema, type ListedStrategy } from '@skynet/contracts';
import type { Command } from 'commander';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { wordsOfProgram } from '../ending/words-of-program.js';
import { serviceProgram } from '../stack/repository.js';
import { renderStrategies } from './strategies-view.js';

const LONGEST_MS = 60_000;

interface StrategiesOptions {
  readonly json?: boolean;
}

export function addStrategies(program: Command, surroundings: Surroundings): void {
  program
    .command('strategies')
    .summary('say how agents may split their tasks')
    .description(
      'Lists the strategies that --strategy takes; one that is named is shown with its parameters. Needs no stack.',
    )
    .argument('[name]', 'name of a strategy')
    .option('--json', 'print JSON')
    .action((name: string | undefined, options: StrategiesOptions) =>
      surroundings.run(strategies(name, options, surroundings)),
    );
}

async function strategies(
  name: string | undefined,
  options: StrategiesOptions,
  { terminal }: Surroundings,
): Work {
  const all = await listed();
  const shown = name === undefined ? all : all.filter((each) => each.name === name);
  if (shown.length === 0) {
    const next = 'Without a name, "skynet strategies" lists all.';
    throw new Trouble(`There is no strategy ${name ?? ''}.`, { next });
  }
  if (options.json === true) terminal.printJson({ strategies: shown });
  else renderStrategies(shown, { isOne: name !== undefined }).forEach(terminal.print);
  return exitCodes.ok;
}

/** The owner's program knows them. */
async function listed(): Promise<ListedStrategy[]> {
  const program = serviceProgram('agent-runtime', 'strategy-list.js');
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program], {
      timeout: LONGEST_MS,
    });
    return listedStrategySchema.array().parse(JSON.parse(stdout));
  } catch (error) {
    const { stderr = '' } = error as { readonly stderr?: string };
    throw new Trouble(`The strategies are not known: ${wordsOfProgram(stderr) || String(error)}`, {
      next: 'Is the project built? "npm run build" does it.',
      cause: error,
    });
  }
}
