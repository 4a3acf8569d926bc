import { readFile } from 'node:fs/promises';

/** What a process has used of the machine since it started. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  /** Most memory that it ever held at once. */
  readonly peakBytes: number;
}

/** Linux counts in ticks of this length on every machine that Node runs on. */
const TICKS_PER_SECOND = 100;
// After the name, which is in brackets and may hold anything; see proc_pid_stat(5), where the first field is number 1.
const FIRST_FIELD_AFTER_NAME = 3;
const USER_TICKS = 14 - FIRST_FIELD_AFTER_NAME;
const SYSTEM_TICKS = 15 - FIRST_FIELD_AFTER_NAME;

/** Usage of each named process; undefined where the system has no /proc. */
export async function readUsages(
  pids: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, ProcessUsage>> | undefined> {
  try {
    const read = Object.entries(pids).map(
      async ([name, pid]) => [name, await usageOf(pid)] as const,
    );
    return Object.fromEntries(await Promise.all(read));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function usageOf(pid: number): Promise<ProcessUsage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
  ]);
  return { cpuSeconds: parseCpuSeconds(stat), peakBytes: parsePeakBytes(status) };
}

/** User and system time in the text of `/proc/<pid>/stat`. */
export function parseCpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS]);
  if (!Number.isSafeInteger(ticks)) throw new Error(`not a /proc stat: ${stat}`);
  return ticks / TICKS_PER_SECOND;
}

/** The line VmHWM in the text of `/proc/<pid>/status`. */
export function parsePeakBytes(status: string): number {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error('no VmHWM in the /proc status');
  return Number(kib) * 1_024;
}
