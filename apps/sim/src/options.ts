import { parseArgs } from 'node:util';

export interface SimOptions {
  readonly seeds: number;
  /** The first one. */
  readonly seed: number;
  readonly hasFaults: boolean;
  readonly isVerbose: boolean;
  readonly plants: boolean;
  /** Processes that share the seeds. */
  readonly workers: number;
}

export const USAGE =
  'npm run sim -- [--seeds N] [--seed S] [--no-faults] [--workers 2] [--verbose] | npm run sim -- --plant [--seeds N]';

/** `help` when the usage is asked for. @throws Error that says what is wrong */
export function readOptions(args: readonly string[]): SimOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string', default: '2' },
      'no-faults': { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      plant: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    seeds: numberOf('seeds', values.seeds),
    seed: numberOf('seed', values.seed),
    workers: numberOf('workers', values.workers),
    hasFaults: !values['no-faults'],
    isVerbose: values.verbose,
    plants: values.plant,
  };
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (text !== '' && Number.isInteger(number) && number >= 0) return number;
  throw new Error(`--${name} is no number: ${text}`);
}
