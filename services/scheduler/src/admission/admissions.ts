import { APPEND_GRACE_MS, COMMAND_VALID_MS } from '@skynet/contracts';
import type { Capacity, Schedule, Turn } from '@skynet/domain-scheduling';
import type { Clock, Logger } from '@skynet/platform';
import type { SchedulerCommands } from './commands.js';

const MAX_PER_COMMAND = 500;

/** Admission touches agents of all tenants in one command. */
const TENANT = 'system';

/** Gives free slots to queued agents and takes back what did not come about. */
export class Admissions {
  private readonly underWay: { readonly turn: Turn; readonly lostAfterMs: number }[] = [];
  private commands = 0;

  constructor(
    private readonly schedule: Schedule,
    private readonly sender: SchedulerCommands,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /** `validUntilMs`: a command must not be carried out after another scheduler may lead. */
  admit(capacity: Capacity, validUntilMs: number): void {
    const nowMs = this.clock.nowMs();
    this.takeBack(nowMs);
    this.schedule.freeOverdue(nowMs);
    const notAfterMs = Math.min(nowMs + COMMAND_VALID_MS, validUntilMs);
    if (notAfterMs <= nowMs) return;
    const turns = this.schedule.admit(capacity);
    for (let start = 0; start < turns.length; start += MAX_PER_COMMAND) {
      this.send(turns.slice(start, start + MAX_PER_COMMAND), notAfterMs);
    }
  }

  private send(turns: readonly Turn[], notAfterMs: number): void {
    this.commands += 1;
    const id = `admit:${notAfterMs}:${this.commands}`;
    for (const turn of turns) {
      this.underWay.push({ turn, lostAfterMs: notAfterMs + APPEND_GRACE_MS });
    }
    this.sender
      .send('AdmitAgents', { agents: [...turns] }, { id, tenant: TENANT, notAfterMs })
      .catch((error: unknown) => this.log.warn('admissions not sent', { error }));
  }

  private takeBack(nowMs: number): void {
    for (let first = this.underWay[0]; first !== undefined; first = this.underWay[0]) {
      if (first.lostAfterMs > nowMs) return;
      this.underWay.shift();
      this.schedule.giveBack(first.turn);
    }
  }
}
