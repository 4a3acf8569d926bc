import type { Schedule } from '@skynet/domain-scheduling';
import type { Position, StreamsSetAside } from '@skynet/platform';
import type { QueueTraces } from '../admission/queue-traces.js';
import type { ScheduleSnapshots } from './schedule-snapshots.js';

const SAVE_EVERY_SWEEPS = 30;
const SAVE_AFTER_COMMITS = 2_000;

export interface ScheduleSavingDependencies {
  readonly schedule: Pick<Schedule, 'save'>;
  readonly queueTraces: Pick<QueueTraces, 'turnOf'>;
  readonly snapshots: Pick<ScheduleSnapshots, 'save'>;
  readonly setAside: Pick<StreamsSetAside, 'notice'>;
}

/** Saves the schedule from time to time, so that a start reads the log from there on. */
export class ScheduleSaving {
  private commits = 0;
  private sweeps = 0;

  constructor(
    private readonly deps: ScheduleSavingDependencies,
    private readonly position: () => Position | undefined,
  ) {}

  noteCommit(): void {
    this.commits += 1;
  }

  /** Called between two commits: the schedule is as the log was at its place. */
  async sweep(): Promise<void> {
    this.sweeps += 1;
    if (this.sweeps < SAVE_EVERY_SWEEPS || this.commits < SAVE_AFTER_COMMITS) return;
    this.sweeps = 0;
    await this.save();
  }

  /** As `sweep`, and at once where anything was folded since. */
  async save(): Promise<void> {
    const { queueTraces, schedule, setAside, snapshots } = this.deps;
    const position = this.position();
    // What is not read on now may be by the next release: then it must be met again.
    if (this.commits === 0 || position === undefined || setAside.notice() !== undefined) return;
    this.commits = 0;
    const { entries, kept } = schedule.save();
    const agents = entries.map((entry) => ({ entry, turn: queueTraces.turnOf(entry.agentId) }));
    await snapshots.save({ position, agents, kept });
  }
}
