import type { Schedule } from '@skynet/domain-scheduling';
import type { Clock } from '@skynet/platform';
import type { Admissions } from '../admission/admissions.js';
import type { FoldedTime } from './folded-time.js';

export interface OverdueDependencies {
  readonly schedule: Pick<Schedule, 'hasOverdue' | 'freeOverdue'>;
  readonly admissions: Pick<Admissions, 'hasOverdue' | 'settle'>;
  readonly folded: FoldedTime;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Monotonic milliseconds until when this scheduler leads; undefined: it does not. */
  readonly leadsUntilMs: () => number | undefined;
  readonly onBug: (error: unknown) => void;
  readonly onFreed: () => void;
}

/**
 * Slots and admissions whose time is over: what becomes of them is seen to once the log is folded as far as that, for they
 * may have been taken in what is not read yet.
 */
export class Overdue {
  constructor(private readonly deps: OverdueDependencies) {}

  /** Frees them soon, where there are some. */
  look(): void {
    const { admissions, clock, folded, onBug, schedule } = this.deps;
    const nowMs = clock.monotonicMs();
    if (!schedule.hasOverdue(nowMs) && !admissions.hasOverdue(nowMs)) return;
    folded
      .look()
      .then((isFolded) => isFolded && this.free())
      .catch(onBug);
  }

  /** Frees those that were over when the log was folded last. */
  free(): void {
    const { admissions, folded, leadsUntilMs, onFreed, schedule } = this.deps;
    schedule.freeOverdue(folded.ms);
    admissions.settle(folded.ms, leadsUntilMs());
    onFreed();
  }
}
