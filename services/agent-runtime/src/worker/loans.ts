import type { SlotsLent } from '@skynet/contracts';
import type { Clock } from '@skynet/platform';
import type { Room } from './room.js';
import type { RootAsks } from './trees/root-asks.js';
import { SeenLoans } from './trees/seen-loans.js';
import type { SlotHints } from './trees/slot-hints.js';
import { isLate, type Slot, type Start } from './trees/start.js';
import type { TreeWork } from './trees/tree-work.js';

export interface LoanParts {
  readonly workerId: string;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly room: Pick<Room, 'tryEnter' | 'leave'>;
  readonly trees: Pick<TreeWork, 'nextOf'>;
  readonly roots: Pick<RootAsks, 'answered'>;
  readonly hints: Pick<SlotHints, 'giveBackLoan'>;
  /** Whether this worker begins anything now. */
  readonly mayBegin: () => boolean;
  /** Runs the agent on the slot, in the place that it has in the room. */
  readonly fill: (start: Start, slot: Slot) => void;
}

/** Fills slots that the scheduler lends while nobody waits for them, and says which of them are of no use. */
export class Loans {
  private readonly seen = new SeenLoans();

  constructor(private readonly parts: LoanParts) {}

  /** What is lent to others, and what was heard of before, is ignored. */
  use(lent: SlotsLent): void {
    const { workerId, loanId, count, askedAtMs, validForMs, rootsAskId } = lent;
    // A hint may come twice; a loan is there once.
    if (workerId !== this.parts.workerId || !this.seen.isNew(loanId)) return;
    const slot: Slot = { source: { kind: 'lent', loanId }, lastMomentMs: askedAtMs + validForMs };
    const isForRoots = rootsAskId !== undefined;
    const used = isForRoots ? this.useForRoots(lent, slot) : this.useForTrees(lent, slot);
    if (used < count) this.parts.hints.giveBackLoan(loanId, count - used);
  }

  private useForTrees({ tenant, count }: SlotsLent, slot: Slot): number {
    const { room, trees } = this.parts;
    for (let used = 0; used < count; used += 1) {
      if (!this.hasPlaceFor(slot)) return used;
      const start = trees.nextOf(tenant);
      if (start === undefined) {
        room.leave();
        return used;
      }
      this.parts.fill(start, slot);
    }
    return count;
  }

  private useForRoots(lent: SlotsLent, slot: Slot): number {
    let used = 0;
    for (const start of this.parts.roots.answered(lent)) {
      if (this.hasPlaceFor(slot)) {
        used += 1;
        this.parts.fill(start, slot);
      } else void start.enqueue();
    }
    return used;
  }

  /** Whether there is a place, which is taken then. */
  private hasPlaceFor(slot: Slot): boolean {
    const { clock, mayBegin, room } = this.parts;
    return mayBegin() && !isLate(slot, clock) && room.tryEnter();
  }
}
