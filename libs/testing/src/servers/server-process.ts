import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';

/** Ends the process and waits for that. Safe to repeat. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  // One that is paused ends when it goes on.
  child.kill('SIGCONT');
  await ended;
}

/** Stops the process (SIGSTOP) and resolves when it stands: it hangs, with its connections open, until SIGCONT. */
export async function pause(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  while (await anyThreadRuns(pid)) await setImmediate();
}

// The signal reaches the threads one by one: one that runs may answer meanwhile. Without /proc there is nothing to see.
async function anyThreadRuns(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const stats = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => '')),
  );
  return stats.some((stat) => stat !== '' && !/\) [TtZX] /.test(stat));
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
