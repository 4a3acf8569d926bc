#!/usr/bin/env node
import { inspect } from 'node:util';
import { CommanderError } from 'commander';
import { readCliConfig } from './command/cli.config.js';
import { outputOf, whenWritten } from './ending/standard-output.js';
import { troubleOf } from './ending/trouble-of.js';
import { createProgram } from './program.js';
import { openTerminal } from './screen/terminal.js';
import { exitCodes } from './ending/trouble.js';

const output = outputOf(process.stdout);
let note = (line: string): void => void process.stderr.write(`${line}\n`);
let isDebugged = false;
let exitCode: number = exitCodes.ok;

output.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read our output, `head` for example, has had enough.
  if (error.code === 'EPIPE') process.exit(exitCode);
  process.exit(report(error, 'The output could not be written: '));
});
// Nobody listens to what accompanies the result; the result goes on.
process.stderr.on('error', () => undefined);
process.on('uncaughtException', (error) => process.exit(report(error)));

try {
  const config = readCliConfig();
  isDebugged = config.isDebugged;
  const terminal = openTerminal(output, process.stderr, config.mayDecorate);
  note = terminal.note;
  await createProgram({
    config,
    terminal,
    run: async (work: Promise<number>) => {
      exitCode = await work;
    },
  }).parseAsync();
} catch (error) {
  exitCode = report(error);
}
await whenWritten(output);
process.exit(exitCode);

function report(error: unknown, before = ''): number {
  // It has told already what is wrong with the command line.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  const trouble = troubleOf(error);
  note(before + trouble.message);
  if (trouble.next !== undefined) note(trouble.next);
  if (isDebugged) note(inspect(error));
  return trouble.exitCode;
}
