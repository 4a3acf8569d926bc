import { randomUUID } from 'node:crypto';
import { spawnAndWait } from '@skynet/client';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { ConnectionOptions } from '../connection/connection.js';
import { count } from '../command/option-values.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { addConnectionOptions, connected, type Called } from '../connection/connected.js';
import { exitCodes } from '../ending/trouble.js';
import { readEvalFile, type EvalFile } from './eval-file.js';
import { failureText, renderReport, reportOf } from './eval-report.js';
import { runEval, type EvalRun } from './eval-run.js';

interface EvalOptions extends ConnectionOptions {
  readonly repeat?: number;
  readonly parallel?: number;
  readonly minPass: number;
  readonly json?: boolean;
}

export function addEval(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('eval')
    .summary('try agents on cases, and compare models and templates')
    .description('Runs cases whose answers are known, or can be judged.')
    .command('run')
    .summary('run the cases of a file')
    .description(
      'Spawns an agent for each case of each variant, holds the answers against what the file expects, and compares the variants ' +
        'by passes, cost and time, all within one budget. Exits with 1 when a variant passes less than --min-pass.',
    )
    .argument('<file>', 'JSON with cases, variants and a budget: docs/evaluation.md')
    .option(
      '--repeat <times>',
      'how often each case is run (default: as the file says, else 1)',
      count,
    )
    .option('--parallel <runs>', 'agents at a time (default: as the file says, else 4)', count)
    .option('--min-pass <part>', 'part of its runs that each variant has to pass, 0 to 1', part, 1)
    .option('--json', 'print JSON');
  addConnectionOptions(command).action((path: string, options: EvalOptions) =>
    surroundings.run(evaluateFile(path, options, surroundings)),
  );
}

async function evaluateFile(path: string, options: EvalOptions, surroundings: Surroundings): Work {
  const file = withOptions(readEvalFile(path), options);
  return connected(surroundings, options, (called) => evaluate(file, options, called));
}

function withOptions(file: EvalFile, { repeat, parallel }: EvalOptions): EvalFile {
  return {
    ...file,
    ...(repeat !== undefined && { repeat }),
    ...(parallel !== undefined && { parallel }),
  };
}

async function evaluate(file: EvalFile, options: EvalOptions, called: Called): Work {
  const { client, terminal, signal } = called;
  const runs = await runEval(file, {
    signal,
    monotonicMs: () => performance.now(),
    ask: (spawn) => spawnAndWait(client, { ...spawn, idempotencyKey: randomUUID() }, { signal }),
    onRun: (run) => terminal.note(progressText(run)),
  });
  const variants = reportOf(file, runs);
  if (options.json === true) terminal.printJson({ variants, runs });
  else renderReport(variants, runs).forEach(terminal.print);
  const isPoor = variants.some(({ passRate }) => passRate < options.minPass);
  return isPoor ? exitCodes.trouble : exitCodes.ok;
}

function progressText(run: EvalRun): string {
  const { verdict, variant, case: of, repeat } = run;
  return verdict === 'passed' ? `passed: ${variant} / ${of} #${repeat}` : failureText(run);
}

function part(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError('expected a number, 0 to 1');
  }
  return value;
}
