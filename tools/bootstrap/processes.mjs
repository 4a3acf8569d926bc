import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';

export const NETWORK_TROUBLE =
  /ECONNRESET|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|ERR_SOCKET_TIMEOUT|socket hang up|network|Temporary failure|Could not (connect|resolve)|Connection (failed|timed out)|\b50[234]\b/i;

/** Runs a program to its end without showing it: its exit code and what it wrote. */
export function ask(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  return { code: error ? 127 : (status ?? 1), output: `${stdout ?? ''}${stderr ?? ''}` };
}

/** As `ask`, and once more when the network was the trouble. */
export function askNetwork(program, args, options) {
  const first = ask(program, args, options);
  if (first.code === 0 || !NETWORK_TROUBLE.test(first.output)) return first;
  say(`${program} could not reach the network; trying once more`);
  return ask(program, args, options);
}

/**
 * Runs a program on this terminal and resolves with its exit code. A terminal sends Ctrl-C to the program itself; any
 * other signal, or Ctrl-C without a terminal, is passed on, and this process waits for the program to end.
 */
export function run(program, args, options = {}) {
  const child = spawn(program, args, { stdio: 'inherit', ...options });
  const handlers = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
    const passOn = () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    process.on(signal, passOn);
    return [signal, passOn];
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const [name, passOn] of handlers) process.off(name, passOn);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

/** Progress goes to stderr: stdout belongs to the program that was asked for. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

export async function timed(name, work) {
  const start = performance.now();
  const result = await work();
  return { result, line: `${name} (${((performance.now() - start) / 1000).toFixed(1)} s)` };
}
