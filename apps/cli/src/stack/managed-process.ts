import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { holdPort, type HeldPort } from './ports.js';
import type { ProcessGuard } from './process-guard.js';
import type { PlannedProcess } from './stack-plan.js';

/** How a process ended, in words. */
export type Ending = string;

export interface ProcessSurroundings {
  readonly logFolder: string;
  readonly guard: ProcessGuard;
}

const TAIL_LINES = 15;
/** The first descriptor behind those of the standard streams. */
const SOCKET_FD = 3;

/** One process of the stack. It leads a group of its own, so that Ctrl-C reaches it through us only, in our order. */
export class ManagedProcess {
  private child: ChildProcess | undefined;
  private held: HeldPort | undefined;
  private ending: Promise<Ending> = Promise.resolve('not started');
  private readonly logFile: string;

  constructor(
    readonly planned: PlannedProcess,
    private readonly surroundings: ProcessSurroundings,
  ) {
    this.logFile = join(surroundings.logFolder, `${planned.name}.log`);
    if (existsSync(this.logFile)) {
      renameSync(this.logFile, join(surroundings.logFolder, `${planned.name}.previous.log`));
    }
  }

  get name(): string {
    return this.planned.name;
  }

  /** Of the process that runs, or ran last. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Resolves when the process that was started last has ended. */
  get ended(): Promise<Ending> {
    return this.ending;
  }

  /** @throws Trouble when its port can't be held */
  start(): void {
    const { program, args, environment, port, socketVariable } = this.planned;
    if (socketVariable !== undefined) this.held ??= holdPort(port);
    const socket = this.held === undefined ? [] : [this.held.fd];
    const log = openSync(this.logFile, 'a', 0o600);
    const child = spawn(program, args, {
      stdio: ['ignore', log, log, ...socket],
      env: { ...environment, ...(socketVariable && { [socketVariable]: String(SOCKET_FD) }) },
      detached: true,
    });
    closeSync(log);
    const { pid } = child;
    if (pid !== undefined) this.surroundings.guard.watch(pid);
    this.child = child;
    this.ending = endingOf(child).then((ending) => {
      if (pid !== undefined) this.bury(pid);
      return ending;
    });
  }

  /** It is not started again: who waits for it, waits for nothing. Safe to repeat. */
  release(): void {
    this.held?.release();
    this.held = undefined;
  }

  /** Asks the process to end, and ends it by force when it has not after `graceMs`. Safe to repeat. */
  async stop(graceMs: number): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    child.kill('SIGTERM');
    const isInTime = await Promise.race([
      this.ending.then(() => true),
      sleep(graceMs, false, { ref: false }),
    ]);
    if (!isInTime) this.kill();
    await this.ending;
  }

  kill(): void {
    const { child } = this;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    killGroup(child.pid);
  }

  lastLogLines(): string[] {
    try {
      return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES);
    } catch {
      return [];
    }
  }

  /** What the process had started itself, as tool servers, must not outlive it. */
  private bury(pid: number): void {
    killGroup(pid);
    this.surroundings.guard.release(pid);
  }
}

function endingOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve(`could not be started: ${message}`));
    child.once('exit', (code, signal) => {
      resolve(signal === null ? `ended with code ${code}` : `was ended by ${signal}`);
    });
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Nobody is left; macOS says EPERM when only those are left that wait to be buried.
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ESRCH', 'EPERM'].includes(code)) throw error;
  }
}
