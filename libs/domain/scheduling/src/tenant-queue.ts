import type { AgentId } from '@skynet/contracts';

/** A turn in the queue; it counts only while the agent is still queued by the same event. */
export interface Turn {
  readonly agentId: AgentId;
  readonly queuedRevision: number;
}

/** Woken agents stand before all new ones, whatever their priority: they hold what others wait for. */
const WOKEN_RANK = 10;

interface Place {
  readonly turn: Turn;
  readonly rank: number;
  /** First come, first served within a rank. */
  readonly order: number;
}

type Counts = (turn: Turn) => boolean;

/** The queue of one tenant: by rank, first come first served within a rank. Agents that start trees can be passed over. */
export class TenantQueue {
  private readonly starting = new Lane();
  private readonly others = new Lane();
  private places = 0;

  enqueue(turn: Turn, priority: number | 'woken', startsTree = false): void {
    const rank = priority === 'woken' ? WOKEN_RANK : priority;
    this.places += 1;
    const lane = startsTree ? this.starting : this.others;
    lane.push({ turn, rank, order: this.places });
  }

  /** The first turn that still counts; those before it are dropped. `mayStart`: whether one that starts a tree is among them. */
  peek(stillCounts: Counts, mayStart = true): Turn | undefined {
    const other = this.others.first(stillCounts);
    const starting = mayStart ? this.starting.first(stillCounts) : undefined;
    return (isBefore(starting, other) ? starting : other)?.turn;
  }
}

function isBefore(a: Place | undefined, b: Place | undefined): boolean {
  if (a === undefined || b === undefined) return b === undefined;
  return a.rank === b.rank ? a.order < b.order : a.rank > b.rank;
}

class Lane {
  private readonly ranks: Place[][] = Array.from({ length: WOKEN_RANK + 1 }, () => []);
  private readonly heads: number[] = this.ranks.map(() => 0);

  push(place: Place): void {
    this.ranks[place.rank]?.push(place);
  }

  first(stillCounts: Counts): Place | undefined {
    for (let rank = WOKEN_RANK; rank >= 0; rank -= 1) {
      for (let place = this.headOf(rank); place !== undefined; place = this.headOf(rank)) {
        if (stillCounts(place.turn)) return place;
        this.dropHead(rank);
      }
    }
    return undefined;
  }

  private headOf(rank: number): Place | undefined {
    return this.ranks[rank]?.[this.heads[rank] ?? 0];
  }

  private dropHead(rank: number): void {
    const places = this.ranks[rank];
    if (places === undefined) return;
    const head = (this.heads[rank] ?? 0) + 1;
    const isHalfEmpty = head * 2 > places.length;
    if (isHalfEmpty) places.splice(0, head);
    this.heads[rank] = isHalfEmpty ? 0 : head;
  }
}
