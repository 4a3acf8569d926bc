import { resolve } from 'node:path';
import { allTemplatesAnswerSchema, subjects } from '@skynet/contracts';
import type { Command } from 'commander';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { askRuntime } from '../operating/ask-runtime.js';
import { onlyNamed, renderTemplates } from './templates-view.js';

interface TemplatesOptions {
  readonly data?: string;
  readonly json?: boolean;
}

export function addTemplates(program: Command, surroundings: Surroundings): void {
  program
    .command('templates')
    .summary('say which templates there are, and which arguments they take')
    .description(
      'Lists the templates as a worker sees them: version, file, arguments, what is left out and why. One that is named ' +
        'is shown with all of this. Exits with 1 when it is left out.',
    )
    .argument('[name]', 'name of a template')
    .option('--data <folder>', 'folder of the stack to call (default: SKYNET_DATA, else .skynet)')
    .option('--json', 'print JSON')
    .action((name: string | undefined, options: TemplatesOptions) =>
      surroundings.run(templates(name, options, surroundings)),
    );
}

async function templates(
  name: string | undefined,
  options: TemplatesOptions,
  around: Surroundings,
): Work {
  const { config, terminal } = around;
  const answer = allTemplatesAnswerSchema.parse(
    await askRuntime(
      resolve(options.data ?? config.dataFolder),
      {
        subject: subjects.templates,
        trouble: 'The templates are not known',
        next: 'Does agent-runtime run? It is safe to try again.',
      },
      around,
    ),
  );
  const shown = onlyNamed(answer, name);
  if (name !== undefined && shown.templates.length + shown.refused.length === 0) {
    const next = 'Without a name, "skynet templates" lists all.';
    throw new Trouble(`There is no template ${name}.`, { next });
  }
  if (options.json === true) terminal.printJson(shown);
  else renderTemplates(shown, { isOne: name !== undefined }).forEach(terminal.print);
  return name !== undefined && shown.refused.length > 0 ? exitCodes.trouble : exitCodes.ok;
}
