import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../command/cli.config.js';
import { Trouble } from '../ending/trouble.js';
import { freePort } from '../stack/ports.js';
import { ProcessGuard } from '../stack/process-guard.js';

const LOOK_AGAIN_MS = 50;
const READY_WITHIN_MS = 60_000;
const LAST_WORDS_CHARS = 300;

/** The processes of one peer; none outlives this process. */
export class PeerProcesses {
  private readonly running = new Map<string, { pid: number; exited: Promise<unknown> }>();
  private readonly guard: ProcessGuard;
  private readonly ports = new Set<number>();
  private readonly broken = Promise.withResolvers<never>();

  /** `folder`: theirs, also for what they think temporary; is removed should this process die. */
  constructor(
    private readonly folder: string,
    private readonly environment: Environment,
  ) {
    this.guard = new ProcessGuard(folder);
    this.broken.promise.catch(() => undefined);
  }

  /** Rejects when one of them ends by itself. */
  get whenBroken(): Promise<never> {
    return this.broken.promise;
  }

  freePort(): Promise<number> {
    return freePort(this.ports);
  }

  run(name: string, program: string, args: readonly unknown[], more: Environment = {}): void {
    // A group of its own: Ctrl-C at a terminal reaches this process only, which ends them in order.
    const child = spawn(program, args.map(String), {
      env: { ...this.environment, TMPDIR: this.folder, ...more },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-LAST_WORDS_CHARS);
    });
    const { pid } = child;
    const fail = (how: string) => {
      this.broken.reject(new Trouble(`${name} ${how}. ${words.trim()}`));
    };
    child.once('error', ({ message }) => fail(`could not be started: ${message}`));
    if (pid === undefined) return;
    this.guard.watch(pid);
    child.once('exit', () => fail('ended'));
    this.running.set(name, { pid, exited: once(child, 'exit') });
  }

  pids(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.running].map(([name, { pid }]) => [name, pid]));
  }

  /** Tries again until it works, for at most a minute. */
  async untilReady<Result>(attempt: () => Promise<Result>): Promise<Result> {
    const giveUpMs = performance.now() + READY_WITHIN_MS;
    for (;;) {
      try {
        return await Promise.race([attempt(), this.whenBroken]);
      } catch (error) {
        if (error instanceof Trouble || performance.now() > giveUpMs) throw error;
      }
      await sleep(LOOK_AGAIN_MS);
    }
  }

  /** Ends them, and rejects what waits for them. */
  readonly kill = (): void => {
    this.broken.reject(new Trouble('It was ended.'));
    for (const { pid } of this.running.values()) killGroup(pid);
  };

  /** Ends them at once: what they have stored is thrown away. Safe to repeat. */
  async stop(): Promise<void> {
    this.kill();
    await Promise.all([...this.running.values()].map(({ exited }) => exited));
    for (const { pid } of this.running.values()) this.guard.release(pid);
    this.running.clear();
    this.guard.close();
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
