import { spawn, type ChildProcess } from 'node:child_process';

// Reads "+ <pid>" and "- <pid>"; the end of its input means that this process is gone, however it went. Each pid leads
// a process group, so that what a service has started goes with it.
const SCRIPT = `
pids=
while read -r sign pid; do
  case $sign in
    +) pids="$pids $pid" ;;
    -) rest=; for each in $pids; do [ "$each" = "$pid" ] || rest="$rest $each"; done; pids=$rest ;;
  esac
done
for each in $pids; do kill -9 "-$each"; done
[ -z "$1" ] || rm -rf "$1"
`;

/** Ends the processes of a stack when the process that runs it dies without being able to. */
export class ProcessGuard {
  private readonly shell: ChildProcess;

  /** `folder`: is removed as well. */
  constructor(folder?: string) {
    this.shell = spawn('sh', ['-c', SCRIPT, 'skynet-guard', folder ?? ''], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.shell.unref();
    // A guard that was killed guards no more; the stack goes on.
    this.shell.on('error', () => undefined);
    this.shell.stdin?.on('error', () => undefined);
  }

  watch(pid: number): void {
    this.shell.stdin?.write(`+ ${pid}\n`);
  }

  release(pid: number): void {
    this.shell.stdin?.write(`- ${pid}\n`);
  }

  /** Ends the guard, and with it whatever it still watches. */
  close(): void {
    this.shell.stdin?.end();
  }
}
