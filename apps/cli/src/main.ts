#!/usr/bin/env node
import { CommanderError } from 'commander';
import { readCliConfig } from './cli.config.js';
import { createProgram } from './program.js';
import { openTerminal } from './screen/terminal.js';
import { exitCodes, Trouble } from './trouble.js';

const config = readCliConfig();
const terminal = openTerminal(process.stdout, process.stderr, config.mayDecorate);
let exitCode: number = exitCodes.ok;

// Whoever read our output, `head` for example, has had enough.
process.stdout.on('error', () => process.exit(exitCode));

try {
  const surroundings = {
    config,
    terminal,
    run: async (work: Promise<number>) => {
      exitCode = await work;
    },
  };
  await createProgram(surroundings).parseAsync();
} catch (error) {
  exitCode = report(error);
}
process.exit(exitCode);

function report(error: unknown): number {
  // It has told already what is wrong with the command line.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (!(error instanceof Trouble)) throw error;
  terminal.note(error.message);
  if (error.next !== undefined) terminal.note(error.next);
  return error.exitCode;
}
