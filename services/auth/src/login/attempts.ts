import { hash } from 'node:crypto';
import { StateConflictError, type Clock, type StateStore } from '@skynet/platform';

export interface AttemptRow {
  readonly count: number;
  readonly lastMs: number;
}

export interface AttemptLimit {
  /** Tries that cost no wait. */
  readonly free: number;
  readonly longestWaitMs: number;
}

const SHORTEST_WAIT_MS = 1_000;
const MAX_TRIES = 8;

/** How long to wait before the next try: doubles with each one after the free ones. */
export function waitMs(row: AttemptRow | undefined, limit: AttemptLimit, nowMs: number): number {
  if (row === undefined || row.count < limit.free) return 0;
  const doubled = SHORTEST_WAIT_MS * 2 ** Math.min(row.count - limit.free, 30);
  return Math.max(0, row.lastMs + Math.min(doubled, limit.longestWaitMs) - nowMs);
}

/** Counts tries before they are made, so that many at once count as many. */
export class Attempts {
  constructor(
    private readonly store: StateStore<AttemptRow>,
    private readonly clock: Pick<Clock, 'nowMs'>,
  ) {}

  /** Counts one try; the answer is the milliseconds still to wait, and 0 lets the try be made. */
  async begin(what: readonly string[], limit: AttemptLimit): Promise<number> {
    const key = keyOf(what);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const nowMs = this.clock.nowMs();
      const entry = await this.store.get(key);
      const left = waitMs(entry?.value, limit, nowMs);
      if (left > 0) return left;
      const row = { count: (entry?.value.count ?? 0) + 1, lastMs: nowMs };
      if (await this.written(key, row, entry?.revision ?? 'absent')) return 0;
    }
    return SHORTEST_WAIT_MS;
  }

  /** One try was a good one; those of others go on counting. */
  async takeBack(what: readonly string[]): Promise<void> {
    const key = keyOf(what);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const entry = await this.store.get(key);
      if (entry === undefined) return;
      const { count, lastMs } = entry.value;
      const row = { count: Math.max(0, count - 1), lastMs };
      if (await this.written(key, row, entry.revision)) return;
    }
  }

  /** Whether it was done less than the pause before; it counts as done now. */
  async isTooSoon(what: readonly string[], pauseMs: number): Promise<boolean> {
    const key = keyOf(what);
    const nowMs = this.clock.nowMs();
    const entry = await this.store.get(key);
    await this.store.put(key, { count: 1, lastMs: nowMs });
    return entry !== undefined && nowMs - entry.value.lastMs < pauseMs;
  }

  /** The try was a good one: it does not count. Safe to retry. */
  async forget(what: readonly string[]): Promise<void> {
    await this.store.delete(keyOf(what));
  }

  private async written(
    key: string,
    row: AttemptRow,
    expected: number | 'absent',
  ): Promise<boolean> {
    try {
      await this.store.put(key, row, expected);
      return true;
    } catch (error) {
      if (error instanceof StateConflictError) return false;
      throw error;
    }
  }
}

function keyOf(what: readonly string[]): string {
  return hash('sha256', JSON.stringify(what), 'hex');
}
