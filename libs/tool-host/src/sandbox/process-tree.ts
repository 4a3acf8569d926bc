import { readdirSync, readFileSync } from 'node:fs';

/** A process as /proc shows it. */
export interface SeenProcess {
  readonly pid: number;
  readonly parent: number;
}

/** All processes of the machine; empty where there is no /proc. */
export function allProcesses(): SeenProcess[] {
  try {
    return readdirSync('/proc').filter(isPid).flatMap(seen);
  } catch {
    return [];
  }
}

/** What a process has started, and what that has started; a pid namespace has no other way out than up to its root. */
export function descendantsOf(root: number, all: readonly SeenProcess[]): number[] {
  const children = Map.groupBy(all, ({ parent }) => parent);
  const found: number[] = [];
  const left = [root];
  for (let pid = left.pop(); pid !== undefined; pid = left.pop()) {
    const below = (children.get(pid) ?? []).map((each) => each.pid);
    found.push(...below);
    left.push(...below);
  }
  return found;
}

/** Memory that no file on disk stands for, MiB; what several share counts for each. */
export function memoryMibOf(pid: number): number {
  let sum = 0;
  for (const [, kib] of read(`/proc/${pid}/status`).matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm)) {
    sum += Number(kib);
  }
  return sum / KIB_OF_MIB;
}

const KIB_OF_MIB = 1_024;

function isPid(name: string): boolean {
  return /^\d+$/.test(name);
}

function seen(name: string): SeenProcess[] {
  // The second field is a name in brackets, which may hold brackets and spaces itself.
  const stat = read(`/proc/${name}/stat`);
  const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  return Number.isNaN(parent) ? [] : [{ pid: Number(name), parent }];
}

/** Empty for one that has just ended. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
