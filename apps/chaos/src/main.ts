#!/usr/bin/env node
import { readOptions, USAGE, type ChaosOptions } from './options.js';
import { reportOf } from './report.js';
import { runChaos } from './run-chaos.js';

const USAGE_CODE = 2;
const INTERRUPTED = 130;

const interrupted = new AbortController();
process.on('SIGINT', () => interrupted.abort());
process.on('SIGTERM', () => interrupted.abort());

const print = (text: string) => void process.stdout.write(`${text}\n`);
const note = (text: string) =>
  print(`${(performance.now() / 1_000).toFixed(1).padStart(6)} s  ${text}`);

async function run(options: ChaosOptions): Promise<number> {
  print(`seed ${options.seed}`);
  try {
    const outcome = await runChaos(options, note, interrupted.signal);
    reportOf(outcome, options).forEach(print);
    return outcome.findings.length === 0 ? 0 : 1;
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    print('interrupted: nothing was judged');
    return INTERRUPTED;
  }
}

async function main(args: readonly string[]): Promise<number> {
  let options: ChaosOptions | 'help';
  try {
    options = readOptions(args);
  } catch (error) {
    print(`${(error as Error).message}\n${USAGE}`);
    return USAGE_CODE;
  }
  if (options !== 'help') return run(options);
  print(USAGE);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
