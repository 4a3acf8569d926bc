import { allProcesses, descendantsOf, memoryMibOf } from './process-tree.js';

export interface Limits {
  readonly processes: number;
  /** Of all its processes together. */
  readonly memoryMib: number;
}

interface Watched {
  readonly limits: Limits;
  readonly onPassed: (reason: string) => void;
}

const LOOK_MS = 500;
/** bubblewrap's own: one outside, one inside. */
const OF_SANDBOX = 1;

/** Looks twice a second whether sandboxes keep their limits; without control groups nothing else can. */
export class LimitsWatch {
  private readonly watched = new Map<number, Watched>();
  private timer: NodeJS.Timeout | undefined;

  /** `pid`: of the sandbox. The returned function ends the watch. */
  watch(pid: number, watched: Watched): () => void {
    this.watched.set(pid, watched);
    this.timer ??= setInterval(() => this.look(), LOOK_MS).unref();
    return () => {
      this.watched.delete(pid);
      if (this.watched.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    };
  }

  private look(): void {
    const all = allProcesses();
    for (const [pid, { limits, onPassed }] of [...this.watched]) {
      const reason = passed(limits, descendantsOf(pid, all));
      if (reason !== undefined) onPassed(reason);
    }
  }
}

function passed({ processes, memoryMib }: Limits, pids: readonly number[]): string | undefined {
  if (pids.length - OF_SANDBOX > processes) return `more than ${processes} processes`;
  let sum = 0;
  for (const pid of pids) sum += memoryMibOf(pid);
  return sum > memoryMib ? `more than ${memoryMib} MiB of memory` : undefined;
}
