import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { wordsOfProgram } from '../ending/words-of-program.js';
import { serviceProgram } from '../stack/repository.js';
import { Trouble } from '../ending/trouble.js';

/**
 * Runs the owner's program for archives, which needs no server, and returns what it prints.
 *
 * @throws Trouble with its words when it refuses the archive
 */
export async function runArchiveProgram(args: readonly string[], input = ''): Promise<string> {
  const program = serviceProgram('agent-runtime', 'archive.js');
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  // It may end before it has read everything.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const exited = once(child, 'exit');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await exited;
  if (child.exitCode === 0) return stdout;
  throw new Trouble(
    wordsOfProgram(stderr) || `The program for archives ended with ${String(child.exitCode)}.`,
  );
}
