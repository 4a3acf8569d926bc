import type { Due, Schedule } from '@skynet/domain-scheduling';
import type { Clock, Logger } from '@skynet/platform';
import type { SchedulerCommands } from './commands.js';

/** Ends agents and waits whose time is over, whether queued, parked or running. */
export class Deadlines {
  constructor(
    private readonly schedule: Schedule,
    private readonly sender: SchedulerCommands,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /** Milliseconds until the next deadline; undefined when there is none. */
  msToNext(): number | undefined {
    const { nextDeadlineMs } = this.schedule;
    if (nextDeadlineMs === undefined) return undefined;
    return Math.max(0, nextDeadlineMs - this.clock.nowMs());
  }

  enforce(): void {
    const { clock, schedule } = this;
    for (const due of schedule.takeDue(clock.nowMs(), clock.monotonicMs())) {
      this.send(due).catch((error: unknown) => {
        this.log.warn('deadline not enforced, trying again', { agentId: due.agentId, error });
      });
    }
  }

  private send(due: Due): Promise<void> {
    const { agentId, tenant } = due;
    if (due.kind === 'agent') {
      return this.sender.send('ExpireAgent', { agentId }, { id: `${agentId}:expire`, tenant });
    }
    if (due.kind === 'wake') {
      const id = `${agentId}:wake:${this.clock.nowMs()}`;
      return this.sender.send('WakeAgent', { agentId }, { id, tenant });
    }
    const { toolCallId } = due;
    const id = `${agentId}:${toolCallId}:deadline`;
    return this.sender.send('EndAwait', { agentId, toolCallId }, { id, tenant });
  }
}
