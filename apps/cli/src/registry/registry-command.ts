import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { checkRegistry } from './registry-check.js';
import { hasRefused, renderRegistryReport } from './registry-view.js';

interface CheckOptions {
  readonly registry?: string;
  readonly json?: boolean;
}

export function addRegistry(program: Command, surroundings: Surroundings): void {
  program
    .command('registry')
    .summary('check the file of models, tool servers and templates')
    .description('The registry says which models, tool servers and templates agents may use.')
    .command('check')
    .summary('say what is wrong in a registry, with line and next step')
    .description(
      'Reads the registry as agent-runtime does and looks whether programs, modules, models and instructions are there. ' +
        'Starts no tool server and needs no stack. Exits with 1 when something is refused.',
    )
    .option('--registry <file>', 'file to check (default: AGENT_RUNTIME_REGISTRY)')
    .option('--json', 'print JSON')
    .action((options: CheckOptions) => surroundings.run(check(options, surroundings)));
}

async function check(options: CheckOptions, { config, terminal }: Surroundings): Work {
  const file = options.registry ?? config.environment['AGENT_RUNTIME_REGISTRY'];
  if (file === undefined || file === '') {
    const next = 'Name it with --registry FILE.';
    throw new Trouble('No registry is named.', { next, exitCode: exitCodes.usage });
  }
  const report = await checkRegistry(resolve(file));
  if (options.json === true) terminal.printJson(report);
  else renderRegistryReport(report).forEach(terminal.print);
  return hasRefused(report) ? exitCodes.trouble : exitCodes.ok;
}
