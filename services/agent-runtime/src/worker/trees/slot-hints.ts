import { subjects, type AgentId, type SlotsFree, type SlotsWanted } from '@skynet/contracts';
import type { Clock, MessageBus } from '@skynet/platform';
import type { FreedSlot } from '../run/freed-slot.js';

/** What a worker tells the scheduler of its slots: once for all that changed in one turn of the event loop. */
export class SlotHints {
  /** Agents that have not been asked for, with their tenants. */
  private readonly wanted = new Map<AgentId, string>();
  private free: SlotsFree['of'] = [];
  private unused: NonNullable<SlotsFree['loans']> = [];
  private isPlanned = false;

  constructor(
    private readonly bus: Pick<MessageBus, 'hint'>,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly workerId: string,
  ) {}

  /** The agent could start on a slot that nobody waits for; asks once. */
  want(agentId: AgentId, tenant: string): void {
    this.wanted.set(agentId, tenant);
    this.tellSoon();
  }

  /** It has one, or waits for one in the queue. */
  wantNoMore(agentId: AgentId): void {
    this.wanted.delete(agentId);
  }

  /** The slot that this run has freed is of no use here. */
  giveBack({ of: agentId, dispatchId }: FreedSlot): void {
    this.free.push({ agentId, dispatchId });
    this.tellSoon();
  }

  /** So many slots of the loan are of no use here; said once of each loan. */
  giveBackLoan(loanId: string, count: number): void {
    this.unused.push({ loanId, count });
    this.tellSoon();
  }

  private tellSoon(): void {
    if (this.isPlanned) return;
    this.isPlanned = true;
    setImmediate(() => this.tell());
  }

  private tell(): void {
    this.isPlanned = false;
    if (this.free.length > 0 || this.unused.length > 0) {
      const free: SlotsFree = { of: this.free, loans: this.unused };
      this.bus.hint(subjects.slotsFree, free);
    }
    const counts = new Map<string, number>();
    for (const tenant of this.wanted.values()) counts.set(tenant, (counts.get(tenant) ?? 0) + 1);
    const askedAtMs = this.clock.monotonicMs();
    for (const [tenant, count] of counts) {
      const wanted: SlotsWanted = { workerId: this.workerId, tenant, count, askedAtMs };
      this.bus.hint(subjects.slotsWanted, wanted);
    }
    this.free = [];
    this.unused = [];
    this.wanted.clear();
  }
}
