import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Ends the process and waits for that. Safe to repeat. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/**
 * A test process that dies before its `stop` leaves no server behind: a shell waits for a line on its input, and the
 * end of the input without one means that this process is gone. An exit hook is not enough, Jest does not run it.
 */
export function endWithThisProcess(child: ChildProcess, folder: string): void {
  const guard = spawn(
    'sh',
    ['-c', 'read -r _ || { kill -9 "$0"; rm -rf "$1"; }', String(child.pid), folder],
    { stdio: ['pipe', 'ignore', 'ignore'], detached: true },
  );
  guard.unref();
  child.once('exit', () => guard.stdin.end('\n'));
}
