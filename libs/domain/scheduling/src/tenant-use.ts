import { DAY_MS, dayStartMs } from '@skynet/contracts';

const SECOND_MS = 1_000;
const MINUTE_S = 60;

export interface Used {
  readonly tokens: number;
  readonly costMicroUsd: number;
}

const NOTHING: Used = { tokens: 0, costMicroUsd: 0 };

/** What a tenant began in the last minute and has spent on the newest day, in UTC. Memory: a minute and a day. */
export class TenantUse {
  private readonly spawns = new Map<number, number>();
  private day = -1;
  private used = NOTHING;

  /** A tree began. */
  spawned(timeMs: number): void {
    const second = Math.floor(timeMs / SECOND_MS);
    this.spawns.set(second, (this.spawns.get(second) ?? 0) + 1);
    if (this.spawns.size <= MINUTE_S) return;
    const newest = Math.max(...this.spawns.keys());
    for (const each of this.spawns.keys()) if (each <= newest - MINUTE_S) this.spawns.delete(each);
  }

  /** What is told late counts for its own day only. */
  spent(timeMs: number, { tokens, costMicroUsd }: Used): void {
    const day = Math.floor(timeMs / DAY_MS);
    if (day < this.day) return;
    if (day > this.day) this.used = NOTHING;
    this.day = day;
    this.used = {
      tokens: this.used.tokens + tokens,
      costMicroUsd: this.used.costMicroUsd + costMicroUsd,
    };
  }

  spawnsInMinuteBefore(nowMs: number): number {
    const now = Math.floor(nowMs / SECOND_MS);
    let count = 0;
    for (const [second, spawns] of this.spawns) if (second > now - MINUTE_S) count += spawns;
    return count;
  }

  /** When the oldest of them counts no more. */
  msToFewerSpawns(nowMs: number): number {
    const now = Math.floor(nowMs / SECOND_MS);
    const counted = [...this.spawns.keys()].filter((second) => second > now - MINUTE_S);
    return (Math.min(now, ...counted) + MINUTE_S) * SECOND_MS - nowMs;
  }

  usedOnDayOf(nowMs: number): Used {
    return Math.floor(nowMs / DAY_MS) === this.day ? this.used : NOTHING;
  }
}

export function msToNextDay(nowMs: number): number {
  return dayStartMs(nowMs) + DAY_MS - nowMs;
}
