import type { AgentId } from '@skynet/contracts';

/** A turn in the queue; it counts only while the agent is still queued by the same event. */
export interface Turn {
  readonly agentId: AgentId;
  readonly queuedRevision: number;
}

/** Woken agents stand before all new ones, whatever their priority: they hold what others wait for. */
const WOKEN_RANK = 10;

/** The queue of one tenant: by rank, first come first served within a rank. */
export class TenantQueue {
  private readonly ranks: Turn[][] = Array.from({ length: WOKEN_RANK + 1 }, () => []);
  private readonly heads: number[] = this.ranks.map(() => 0);

  enqueue(turn: Turn, priority: number | 'woken'): void {
    this.ranks[priority === 'woken' ? WOKEN_RANK : priority]?.push(turn);
  }

  /** The first turn that still counts; those before it are dropped. */
  peek(stillCounts: (turn: Turn) => boolean): Turn | undefined {
    for (let rank = WOKEN_RANK; rank >= 0; rank -= 1) {
      for (let turn = this.headOf(rank); turn !== undefined; turn = this.headOf(rank)) {
        if (stillCounts(turn)) return turn;
        this.dropHead(rank);
      }
    }
    return undefined;
  }

  private headOf(rank: number): Turn | undefined {
    return this.ranks[rank]?.[this.heads[rank] ?? 0];
  }

  private dropHead(rank: number): void {
    const turns = this.ranks[rank];
    if (turns === undefined) return;
    const head = (this.heads[rank] ?? 0) + 1;
    const isHalfEmpty = head * 2 > turns.length;
    if (isHalfEmpty) turns.splice(0, head);
    this.heads[rank] = isHalfEmpty ? 0 : head;
  }
}
