import {
  APPEND_GRACE_MS,
  SLOT_KEPT_MS,
  type AgentEventData,
  type AgentId,
} from '@skynet/contracts';

/** A slot that a worker may still fill with another agent of the tree that has freed it. */
export interface KeptSlot {
  /** The agent whose run has freed it. */
  readonly of: AgentId;
  readonly tenant: string;
  readonly untilMs: number;
}

interface Loan {
  readonly tenant: string;
  left: number;
  readonly untilMs: number;
}

/**
 * Slots that no agent holds and that are not free either: kept for a tree by the worker of a run that has just parked or
 * ended, or lent to a worker. Each counts as taken until an agent has it, it is given back, or it has surely run out: a
 * worker fills none after its time, and what it has sent by then is in the log a grace time later.
 */
export class SlotsInHand {
  private readonly kept = new Map<AgentId, KeptSlot>();
  /** Given back before the log showed that they were free: until when that is remembered. */
  private readonly givenBack = new Map<AgentId, number>();
  private readonly loans = new Map<string, Loan>();

  /** `count` is told how many more, or fewer, are in hand for agents of the tenant. */
  constructor(private readonly count: (tenant: string, change: number) => void) {}

  save(): KeptSlot[] {
    return [...this.kept.values()];
  }

  restore(saved: readonly KeptSlot[]): void {
    for (const slot of saved) this.add(slot);
  }

  /** The run of an agent whose worker keeps its slot is over. */
  keep(of: AgentId, tenant: string, freedAtMs: number): void {
    if (this.givenBack.delete(of)) return;
    this.add({ of, tenant, untilMs: freedAtMs + SLOT_KEPT_MS + APPEND_GRACE_MS });
  }

  /** An agent has it now. */
  take(slot: AgentEventData<'AgentAdmitted'>['slot']): void {
    if (slot.kind === 'kept') this.drop(slot.of);
    if (slot.kind !== 'lent') return;
    const loan = this.loans.get(slot.loanId);
    if (loan === undefined || loan.left === 0) return;
    loan.left -= 1;
    this.count(loan.tenant, -1);
  }

  /** The worker has no use for it; it may say so before the log tells that it was freed. */
  giveBack(of: AgentId, nowMs: number): void {
    if (!this.drop(of)) this.givenBack.set(of, nowMs + SLOT_KEPT_MS + APPEND_GRACE_MS);
  }

  /** One slot more of the loan. */
  lend(loanId: string, { tenant, untilMs }: Pick<Loan, 'tenant' | 'untilMs'>): void {
    const left = this.loans.get(loanId)?.left ?? 0;
    this.loans.set(loanId, { tenant, left: left + 1, untilMs });
    this.count(tenant, 1);
  }

  /** Forgets what has surely run out. */
  expire(nowMs: number): void {
    for (const { of, untilMs } of this.kept.values()) if (untilMs < nowMs) this.drop(of);
    for (const [of, untilMs] of this.givenBack) if (untilMs < nowMs) this.givenBack.delete(of);
    for (const [loanId, { tenant, left, untilMs }] of this.loans) {
      if (untilMs >= nowMs) continue;
      this.loans.delete(loanId);
      this.count(tenant, -left);
    }
  }

  private add(slot: KeptSlot): void {
    this.drop(slot.of);
    this.kept.set(slot.of, slot);
    this.count(slot.tenant, 1);
  }

  private drop(of: AgentId): boolean {
    const slot = this.kept.get(of);
    if (slot === undefined) return false;
    this.kept.delete(of);
    this.count(slot.tenant, -1);
    return true;
  }
}
