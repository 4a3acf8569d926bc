import { randomUUID } from 'node:crypto';
import { spawnAndWait } from '@skynet/client';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { ConnectionOptions } from '../connection/connection.js';
import { count } from '../command/option-values.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { addConnectionOptions, connected } from '../connection/connected.js';
import { exitCodes } from '../ending/trouble.js';
import { readEvalFile, type EvalFile } from './eval-file.js';
import { failureText, renderReport, reportOf } from './eval-report.js';
import { runEval, type EvalRun } from './eval-run.js';
import { runRecorded } from './recorded-run.js';
import { readRecordedTree } from './recorded-tree.js';

interface EvalOptions extends ConnectionOptions {
  readonly repeat?: number;
  readonly parallel?: number;
  readonly minPass: number;
  readonly live?: boolean;
  readonly json?: boolean;
}

const GROUP = 'eval';

/** The group of the commands of evaluations, made when it is first asked for. */
export function evalGroup(program: Command): Command {
  return (
    program.commands.find((command) => command.name() === GROUP) ??
    program
      .command(GROUP)
      .summary('try agents on cases, and compare models and templates')
      .description(
        'Runs cases whose answers are known, can be judged, or were recorded: docs/evaluation.md.',
      )
  );
}

export function addEvalRun(program: Command, surroundings: Surroundings): void {
  const command = evalGroup(program)
    .command('run')
    .summary('run the cases of a file')
    .description(
      'Spawns an agent for each case of each variant, holds the answers against what the file expects, and compares the variants ' +
        'by passes, cost and time, all within one budget. Recorded cases are decided again from their archives, without a ' +
        'stack. Exits with 1 when a variant, or the recorded cases, pass less than --min-pass.',
    )
    .argument('<file>', 'JSON with cases, variants and a budget: docs/evaluation.md')
    .option(
      '--repeat <times>',
      'how often each case is run (default: as the file says, else 1)',
      count,
    )
    .option('--parallel <runs>', 'agents at a time (default: as the file says, else 4)', count)
    .option('--min-pass <part>', 'part of its runs that each variant has to pass, 0 to 1', part, 1)
    .option('--live', 'spawn an agent for recorded cases too')
    .option('--json', 'print JSON');
  addConnectionOptions(command).action((path: string, options: EvalOptions) =>
    surroundings.run(evaluateFile(path, options, surroundings)),
  );
}

async function evaluateFile(path: string, options: EvalOptions, surroundings: Surroundings): Work {
  const isLive = options.live === true;
  const file = withOptions(readEvalFile(path, { isLive }), options);
  const { terminal } = surroundings;
  const means = {
    monotonicMs: () => performance.now(),
    onRun: (run: EvalRun) => terminal.note(progressText(run)),
  };
  const decided = (signal?: AbortSignal) =>
    runRecorded(file, { ...means, decide: readRecordedTree, ...(signal && { signal }) });
  if (file.cases.length === 0) return report(file, await decided(), { options, terminal });
  return connected(surroundings, options, async ({ client, signal }) => {
    const recorded = await decided(signal);
    const live = await runEval(file, {
      ...means,
      signal,
      ask: (spawn) => spawnAndWait(client, { ...spawn, idempotencyKey: randomUUID() }, { signal }),
    });
    return report(file, [...live, ...recorded], { options, terminal });
  });
}

function withOptions(file: EvalFile, { repeat, parallel }: EvalOptions): EvalFile {
  return {
    ...file,
    ...(repeat !== undefined && { repeat }),
    ...(parallel !== undefined && { parallel }),
  };
}

function report(
  file: EvalFile,
  runs: readonly EvalRun[],
  { options, terminal }: { options: EvalOptions; terminal: Surroundings['terminal'] },
): number {
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
