#!/usr/bin/env node
import { readOptions, USAGE } from './options.js';
import { reportOf } from './report.js';
import { runChaos } from './run-chaos.js';

const interrupted = new AbortController();
process.on('SIGINT', () => interrupted.abort());
process.on('SIGTERM', () => interrupted.abort());

const print = (text: string) => void process.stdout.write(`${text}\n`);

function optionsOrUsage() {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    print(`${(error as Error).message}\n${USAGE}`);
    return undefined;
  }
}

const options = optionsOrUsage();
if (options === undefined) process.exitCode = 2;
else {
  print(`seed ${options.seed}`);
  const outcome = await runChaos(options, print, interrupted.signal);
  reportOf(outcome, options).forEach(print);
  process.exitCode = outcome.findings.length === 0 ? 0 : 1;
}
