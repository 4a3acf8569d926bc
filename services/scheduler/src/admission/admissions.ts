import { APPEND_GRACE_MS, COMMAND_VALID_MS } from '@skynet/contracts';
import type { Capacity, Schedule, Turn } from '@skynet/domain-scheduling';
import type { Clock, Logger } from '@skynet/platform';
import type { SchedulerCommands } from './commands.js';
import type { QueueTraces } from './queue-traces.js';
import type { WorkerSlots } from './worker-slots.js';

const MAX_PER_COMMAND = 500;

interface AdmissionMeans {
  readonly schedule: Schedule;
  readonly sender: SchedulerCommands;
  readonly slots: Pick<WorkerSlots, 'workers'>;
  readonly traces: Pick<QueueTraces, 'turnOf'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Admission touches agents of all tenants in one command. */
const TENANT = 'system';

/** Gives free slots to queued agents and takes back what did not come about. */
export class Admissions {
  private readonly underWay: { readonly turn: Turn; readonly lostAfterMs: number }[] = [];
  private commands = 0;

  constructor(private readonly means: AdmissionMeans) {}

  /** `validUntilMs`: a command must not be carried out after another scheduler may lead. */
  admit(capacity: Capacity, validUntilMs: number): void {
    const { clock, schedule } = this.means;
    const nowMs = clock.nowMs();
    const notAfterMs = Math.min(nowMs + COMMAND_VALID_MS, validUntilMs);
    if (notAfterMs <= nowMs) return;
    const turns = schedule.admit(capacity);
    const size = this.sizeOfCommand(turns.length);
    for (let start = 0; start < turns.length; start += size) {
      this.send(turns.slice(start, start + size), notAfterMs);
    }
  }

  /** Who takes a command begins its agents: the turns are for all workers. */
  private sizeOfCommand(turns: number): number {
    const workers = Math.max(1, this.means.slots.workers());
    return Math.max(1, Math.min(MAX_PER_COMMAND, Math.ceil(turns / workers)));
  }

  private send(turns: readonly Turn[], notAfterMs: number): void {
    this.commands += 1;
    const id = `admit:${notAfterMs}:${this.commands}`;
    for (const turn of turns) {
      this.underWay.push({ turn, lostAfterMs: notAfterMs + APPEND_GRACE_MS });
    }
    const { log, sender, traces } = this.means;
    const agents = turns.map((turn) => ({
      ...turn,
      traceparent: traces.turnOf(turn.agentId)?.traceparent,
    }));
    sender
      .send('AdmitAgents', { agents }, { id, tenant: TENANT, notAfterMs })
      .catch((error: unknown) => log.warn('admissions not sent', { error }));
  }

  /** Whether the time of an admission is over that may still not be in the log. */
  hasOverdue(nowMs: number): boolean {
    const [first] = this.underWay;
    return first !== undefined && first.lostAfterMs <= nowMs;
  }

  /** Agents whose admissions are not in the log go back into the queue. `foldedMs`: all that the log held then is folded. */
  takeBack(foldedMs: number): void {
    for (let first = this.underWay[0]; first !== undefined; first = this.underWay[0]) {
      if (first.lostAfterMs > foldedMs) return;
      this.underWay.shift();
      this.means.schedule.giveBack(first.turn);
    }
  }
}
