import { APPEND_GRACE_MS, COMMAND_VALID_MS } from '@skynet/contracts';
import type { Capacity, Schedule, Turn } from '@skynet/domain-scheduling';
import type { Clock, Logger } from '@skynet/platform';
import type { SchedulerCommands } from './commands.js';
import type { QueueTraces } from './queue-traces.js';
import type { WorkerSlots } from './worker-slots.js';

const MAX_PER_COMMAND = 500;

interface AdmissionMeans {
  readonly schedule: Pick<Schedule, 'admit' | 'giveBack' | 'isAdmitting'>;
  readonly sender: SchedulerCommands;
  readonly slots: Pick<WorkerSlots, 'workers'>;
  readonly traces: Pick<QueueTraces, 'turnOf'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Admission touches agents of all tenants in one command. */
const TENANT = 'system';

/** Gives free slots to queued agents, and sees to it that they come about. */
export class Admissions {
  private readonly underWay: { readonly turn: Turn; readonly lostAfterMs: number }[] = [];
  private commands = 0;

  constructor(private readonly means: AdmissionMeans) {}

  /** `validUntilMs`: a command must not be carried out after another scheduler may lead, monotonic milliseconds. */
  admit(capacity: Capacity, validUntilMs: number): void {
    const validForMs = this.validForMs(validUntilMs);
    if (validForMs > 0) this.send(this.means.schedule.admit(capacity), validForMs);
  }

  /** Whether the time of an admission is over that may still not be in the log. */
  hasOverdue(nowMs: number): boolean {
    const [first] = this.underWay;
    return first !== undefined && first.lostAfterMs <= nowMs;
  }

  /**
   * Admissions that are not in the log are sent again: a worker whose clock is behind may still carry out what was sent, so
   * nobody else can have the slot. Those of a scheduler that does not lead go back into the queue. `foldedMs`: all that the
   * log held then is folded.
   */
  settle(foldedMs: number, validUntilMs: number | undefined): void {
    const leads = validUntilMs !== undefined;
    const validForMs = leads ? this.validForMs(validUntilMs) : 0;
    // Its lease may still be renewed.
    if (leads && validForMs <= 0) return;
    const again: Turn[] = [];
    for (let first = this.underWay[0]; first !== undefined; first = this.underWay[0]) {
      if (first.lostAfterMs > foldedMs) break;
      this.underWay.shift();
      if (leads && this.means.schedule.isAdmitting(first.turn)) again.push(first.turn);
      else this.means.schedule.giveBack(first.turn);
    }
    this.send(again, validForMs);
  }

  private validForMs(validUntilMs: number): number {
    return Math.min(COMMAND_VALID_MS, validUntilMs - this.means.clock.monotonicMs());
  }

  private send(turns: readonly Turn[], validForMs: number): void {
    const lostAfterMs = this.means.clock.monotonicMs() + validForMs + APPEND_GRACE_MS;
    const size = this.sizeOfCommand(turns.length);
    for (let start = 0; start < turns.length; start += size) {
      const some = turns.slice(start, start + size);
      for (const turn of some) this.underWay.push({ turn, lostAfterMs });
      this.sendCommand(some, validForMs);
    }
  }

  /** Who takes a command begins its agents: the turns are for all workers. */
  private sizeOfCommand(turns: number): number {
    const workers = Math.max(1, this.means.slots.workers());
    return Math.max(1, Math.min(MAX_PER_COMMAND, Math.ceil(turns / workers)));
  }

  private sendCommand(turns: readonly Turn[], validForMs: number): void {
    const { clock, log, sender, traces } = this.means;
    this.commands += 1;
    const notAfterMs = Math.floor(clock.nowMs() + validForMs);
    const id = `admit:${notAfterMs}:${this.commands}`;
    const agents = turns.map((turn) => ({
      ...turn,
      traceparent: traces.turnOf(turn.agentId)?.traceparent,
    }));
    sender
      .send('AdmitAgents', { agents }, { id, tenant: TENANT, notAfterMs })
      .catch((error: unknown) => log.warn('admissions not sent', { error }));
  }
}
