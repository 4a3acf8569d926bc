import { setTimeout as sleep } from 'node:timers/promises';
import { withoutFrames } from '../ending/words-of-program.js';
import { Trouble } from '../ending/trouble.js';
import { ManagedProcess, type ProcessSurroundings } from './managed-process.js';
import { whenReady } from './readiness.js';
import type { PlannedProcess, Stage } from './stack-plan.js';

/** What happens to a process after the stack was ready. */
export interface StackChange {
  readonly process: string;
  readonly change: 'ended' | 'restarted' | 'noted';
  readonly detail: string;
  /** Of the process after a restart. */
  readonly pid?: number;
}

export interface SupervisorOptions extends ProcessSurroundings {
  /** Whether a process that ends by itself is started again. */
  readonly restart: boolean;
  /** Longest pause before that, when it ends again and again. Default: 10 s. */
  readonly restartPauseMs?: number;
  readonly onChange: (change: StackChange) => void;
}

const STOP_ORDER: readonly { readonly stage: Stage; readonly graceMs: number }[] = [
  { stage: 'door', graceMs: 2_000 },
  // A runtime gives its agents 5 s to reach a step boundary.
  { stage: 'work', graceMs: 6_000 },
  { stage: 'store', graceMs: 1_000 },
];
const READY_LIMIT_MS = 120_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** A process that ran this long has recovered. */
const STABLE_MS = 30_000;

/** Starts processes, brings back those that end by themselves, and stops all in order. */
export class Supervisor {
  private readonly processes: ManagedProcess[] = [];
  private readonly stopping = new AbortController();

  constructor(private readonly options: SupervisorOptions) {}

  /**
   * Resolves when all of them do their work.
   *
   * @throws Trouble with the last lines of its log when one ends before, or takes too long
   */
  async start(planned: readonly PlannedProcess[], signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const limited = AbortSignal.any([signal, failed.signal]);
    const started = planned.map((each) => new ManagedProcess(each, this.options));
    this.processes.push(...started);
    try {
      await Promise.all(started.map((process) => this.startOne(process, limited)));
    } finally {
      failed.abort();
    }
    for (const process of started) void this.keepRunning(process);
  }

  /** Name and process id of everything that runs. */
  pids(): Record<string, number> {
    return Object.fromEntries(this.processes.map(({ name, pid }) => [name, pid ?? 0]));
  }

  /** Ends the processes of a stage in order; they are started again as if they had ended by themselves. */
  async restart(stage: Stage): Promise<void> {
    const { graceMs = 0 } = STOP_ORDER.find((each) => each.stage === stage) ?? {};
    const concerned = this.processes.filter(({ planned }) => planned.stage === stage);
    await Promise.all(concerned.map((process) => process.stop(graceMs)));
  }

  /** Ends everything, doors first, within 9 s. Safe to repeat. */
  async stop(): Promise<void> {
    this.endRestarts();
    for (const { stage, graceMs } of STOP_ORDER) {
      const concerned = this.processes.filter(({ planned }) => planned.stage === stage);
      await Promise.all(concerned.map((process) => process.stop(graceMs)));
    }
  }

  /** Ends everything at once. */
  kill(): void {
    this.endRestarts();
    for (const process of this.processes) process.kill();
  }

  private endRestarts(): void {
    this.stopping.abort();
    for (const process of this.processes) process.release();
  }

  private async startOne(process: ManagedProcess, signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.timeout(READY_LIMIT_MS);
    process.start();
    const early = process.ended.then((ending) => {
      throw signal.aborted ? signal.reason : broken(process, ending);
    });
    const ready = whenReady(process.planned, AbortSignal.any([signal, limit]));
    try {
      await Promise.race([ready, early]);
    } catch (error) {
      if (limit.aborted) throw broken(process, `was not ready after ${READY_LIMIT_MS / 1_000} s`);
      throw error;
    }
  }

  private async keepRunning(process: ManagedProcess): Promise<void> {
    const { onChange, restart, restartPauseMs = LONGEST_PAUSE_MS } = this.options;
    const firstPauseMs = Math.min(FIRST_PAUSE_MS, restartPauseMs);
    let pauseMs = firstPauseMs;
    for (;;) {
      const startedMs = performance.now();
      const ending = await process.ended;
      if (this.stopping.signal.aborted) return;
      onChange({ process: process.name, change: 'ended', detail: ending });
      if (!restart) return process.release();
      if (performance.now() - startedMs > STABLE_MS) pauseMs = firstPauseMs;
      await sleep(pauseMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (this.stopping.signal.aborted) return;
      pauseMs = Math.min(pauseMs * 2, restartPauseMs);
      process.start();
      const detail = `started again as process ${process.pid}`;
      onChange({ process: process.name, change: 'restarted', detail, pid: process.pid });
    }
  }
}

function broken(process: ManagedProcess, what: string): Trouble {
  const log = withoutFrames(process.lastLogLines()).map((line) => `  ${line}`);
  return new Trouble([`${process.name} ${what}. Its last lines:`, ...log].join('\n'), {
    next: 'Mend what it names, then start again.',
  });
}
