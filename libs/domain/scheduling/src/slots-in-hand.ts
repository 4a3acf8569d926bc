import {
  APPEND_GRACE_MS,
  SLOT_KEPT_MS,
  type AgentEventData,
  type AgentId,
} from '@skynet/contracts';

/** The run that has freed a slot. */
export interface FreeingRun {
  readonly agentId: AgentId;
  readonly dispatchId: number;
}

/** A slot that a worker may still fill with another agent of the tree that has freed it. */
export interface FreedSlot {
  readonly of: FreeingRun;
  readonly tenant: string;
}

interface KeptSlot extends FreedSlot {
  readonly untilMs: number;
}

interface Loan {
  readonly tenant: string;
  left: number;
  readonly untilMs: number;
  /** Each slot is for a tree that begins on it. */
  readonly startsTrees: boolean;
  /** What it has no use for the worker has said; a hint may come twice. */
  isReduced?: true;
}

/** What workers have no use for. */
export interface UnusedSlots {
  readonly of: readonly FreeingRun[];
  readonly loans?: readonly { readonly loanId: string; readonly count: number }[];
}

/** How many more, or fewer, are in hand for agents of the tenant, and for how many of its trees that are to begin. */
type Count = (tenant: string, change: { readonly slots: number; readonly trees: number }) => void;

/**
 * Slots that no agent holds and that are not free either: kept for a tree by the worker of a run that has just parked or
 * ended, or lent to a worker. Each counts as taken until an agent has it, it is given back, or it has surely run out: a
 * worker fills none after its time, and what it has sent by then is in the log a grace time later. All times are monotonic
 * milliseconds of this process: a worker counts by its own from what it has sent, which is earlier than it is heard of here.
 */
export class SlotsInHand {
  private readonly kept = new Map<string, KeptSlot>();
  /** Given back before the log showed that they were free: until when that is remembered. */
  private readonly givenBack = new Map<string, number>();
  /** Those of which slots are left. */
  private readonly loans = new Map<string, Loan>();

  constructor(private readonly count: Count) {}

  save(): FreedSlot[] {
    return [...this.kept.values()].map(({ of, tenant }) => ({ of, tenant }));
  }

  restore(saved: readonly FreedSlot[], nowMs: number): void {
    for (const slot of saved) this.add(slot, nowMs);
  }

  /** A run whose worker keeps its slot is over. */
  keep(of: FreeingRun, tenant: string, inLogMs: number): void {
    if (this.givenBack.delete(keyOf(of))) return;
    this.add({ of, tenant }, inLogMs);
  }

  /** An agent has it now. */
  take(slot: AgentEventData<'AgentAdmitted'>['slot']): void {
    if (slot.kind === 'kept') this.takeKept(slot.of);
    if (slot.kind === 'lent') this.use(slot.loanId, 1);
  }

  /** Workers may say so twice, and of a kept slot before the log tells that it was freed. */
  takeBack({ of, loans = [] }: UnusedSlots, nowMs: number): void {
    for (const run of of) this.takeBackKept(run, nowMs);
    for (const { loanId, count } of loans) this.reduce(loanId, count);
  }

  private takeBackKept(of: FreeingRun, nowMs: number): void {
    if (!this.drop(keyOf(of)))
      this.givenBack.set(keyOf(of), nowMs + SLOT_KEPT_MS + APPEND_GRACE_MS);
  }

  /** One slot more of the loan. */
  lend(loanId: string, terms: Omit<Loan, 'left'>): void {
    const left = this.loans.get(loanId)?.left ?? 0;
    this.loans.set(loanId, { ...terms, left: left + 1 });
    this.countOf(terms, 1);
  }

  /** Whether some are lent that no agent has. */
  get hasLent(): boolean {
    return this.loans.size > 0;
  }

  /** Whether the time of something in hand is over. */
  hasOverdue(nowMs: number): boolean {
    for (const { untilMs } of this.kept.values()) if (untilMs < nowMs) return true;
    for (const { untilMs } of this.loans.values()) if (untilMs < nowMs) return true;
    for (const untilMs of this.givenBack.values()) if (untilMs < nowMs) return true;
    return false;
  }

  /** Forgets what has surely run out. `foldedMs`: all that the log held then is folded, so nobody has taken it. */
  expire(foldedMs: number): void {
    for (const [key, { untilMs }] of this.kept) if (untilMs < foldedMs) this.drop(key);
    for (const [key, untilMs] of this.givenBack) if (untilMs < foldedMs) this.givenBack.delete(key);
    for (const [loanId, loan] of this.loans) {
      if (loan.untilMs >= foldedMs) continue;
      this.loans.delete(loanId);
      this.countOf(loan, -loan.left);
    }
  }

  private reduce(loanId: string, count: number): void {
    const loan = this.loans.get(loanId);
    if (loan === undefined || loan.isReduced === true) return;
    loan.isReduced = true;
    this.use(loanId, count);
  }

  /** So many slots of the loan, as far as there are, are in hand no more. */
  private use(loanId: string, count: number): void {
    const loan = this.loans.get(loanId);
    if (loan === undefined) return;
    const used = Math.min(count, loan.left);
    loan.left -= used;
    if (loan.left === 0) this.loans.delete(loanId);
    this.countOf(loan, -used);
  }

  private countOf({ tenant, startsTrees }: Omit<Loan, 'left'>, slots: number): void {
    this.count(tenant, { slots, trees: startsTrees ? slots : 0 });
  }

  private add(slot: FreedSlot, freeMs: number): void {
    const key = keyOf(slot.of);
    this.drop(key);
    this.kept.set(key, { ...slot, untilMs: freeMs + SLOT_KEPT_MS + APPEND_GRACE_MS });
    this.count(slot.tenant, { slots: 1, trees: 0 });
  }

  /** Of several that the agent has left, the one that runs out first. */
  private takeKept(agentId: AgentId): void {
    for (const [key, { of }] of this.kept) if (of.agentId === agentId) return void this.drop(key);
  }

  private drop(key: string): boolean {
    const slot = this.kept.get(key);
    if (slot === undefined) return false;
    this.kept.delete(key);
    this.count(slot.tenant, { slots: -1, trees: 0 });
    return true;
  }
}

function keyOf({ agentId, dispatchId }: FreeingRun): string {
  return `${agentId}:${dispatchId}`;
}
