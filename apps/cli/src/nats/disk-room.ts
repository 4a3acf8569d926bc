import { statfs } from 'node:fs/promises';
import { Trouble } from '../ending/trouble.js';

const MIB = 1024 * 1024;
/** Below it a stack does not start. */
const START_MIB = 160;
/** Below it nats-server stores nothing any more, or soon. */
const FULL_MIB = 8;
/** From it on there is room again. */
const ROOM_MIB = 32;
const WARN_MIB = 256;
const QUEUE_MAX_MIB = 256;
/** The two work queues, which nats-server sets aside, take a quarter of what is free. */
const PART_OF_QUEUE = 8;
const LOOK_MS = 2_000;

/** MiB that this process may still write to the disk of the folder. */
export async function freeMib(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return Math.floor((bavail * bsize) / MIB);
}

/**
 * Room for each work queue, MiB, on the disk of the data folder: a power of two, so that it stays the same from start to
 * start.
 *
 * @throws Trouble when too little is free to begin with
 */
export function queueMibFor(free: number, folder: string): number {
  if (free < START_MIB) {
    throw new Trouble(`Only ${free} MiB are free where ${folder} is.`, {
      next: `At least ${START_MIB} MiB are needed. Make room, or choose another folder with --data.`,
    });
  }
  const part = Math.min(QUEUE_MAX_MIB, Math.floor(free / PART_OF_QUEUE));
  return 2 ** Math.floor(Math.log2(part));
}

/** How the room on a disk changes. */
export type DiskChange = 'low' | 'full' | 'room';

export interface DiskWatchOptions {
  readonly folder: string;
  readonly onChange: (change: DiskChange, free: number) => void;
  /** Default: what the file system says. */
  readonly free?: (folder: string) => Promise<number>;
  readonly everyMs?: number;
}

/** Tells once when room gets low, when it is gone, and when there is room again after that. Until the function is called. */
export function watchDisk(options: DiskWatchOptions): () => void {
  const { folder, onChange, free = freeMib, everyMs = LOOK_MS } = options;
  let before: DiskChange | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;

  async function look(): Promise<void> {
    const now = await free(folder).catch(() => undefined);
    const change = now === undefined ? undefined : changeOf(before, now);
    if (change !== undefined && now !== undefined) {
      before = change;
      onChange(change, now);
    }
    if (!isOver) timer = setTimeout(() => void look(), everyMs).unref();
  }

  void look();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

function changeOf(before: DiskChange | undefined, free: number): DiskChange | undefined {
  if (free < FULL_MIB) return before === 'full' ? undefined : 'full';
  if (before === 'full') return free >= ROOM_MIB ? 'room' : undefined;
  return free < WARN_MIB && before !== 'low' && before !== 'room' ? 'low' : undefined;
}
