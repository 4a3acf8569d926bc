import { SLOT_KEPT_MS, type AgentEventData, type AgentId } from '@skynet/contracts';
import type { Clock } from '@skynet/platform';
import type { AgentExecution, AgentOrder } from '../../owner/agents.js';
import type { PreparedRun } from '../prepared-run.js';
import type { FreedSlot } from './freed-slot.js';

/** A slot of this worker that no agent holds. */
export interface Slot {
  readonly source: AgentEventData<'AgentAdmitted'>['slot'];
  readonly tenant: string;
  /** An agent that is to have it must be on its way to the log before, epoch milliseconds. */
  readonly notAfterMs: number;
}

export function keptSlot({ of, tenant, freedAtMs }: FreedSlot): Slot {
  return { source: { kind: 'kept', of }, tenant, notAfterMs: freedAtMs + SLOT_KEPT_MS };
}

export function isLate({ notAfterMs }: Slot, clock: Pick<Clock, 'nowMs'>): boolean {
  return clock.nowMs() > notAfterMs;
}

/** The start of a run on the slot, while it may be sent: one that was not confirmed is not sent again after the slot's time. */
export function unlessLate(
  slot: Slot,
  clock: Pick<Clock, 'nowMs'>,
  begin: AgentOrder,
): readonly AgentOrder[] {
  return isLate(slot, clock) ? [] : [begin];
}

/**
 * What became of an agent that was to have a slot. `missed`: it has not taken the slot, another one may. `over`: it has, and
 * has ended in the same commit.
 */
export type Beginning =
  | {
      readonly kind: 'begun';
      readonly prepared: PreparedRun;
      readonly execution: AgentExecution;
      readonly sentMs: number;
    }
  | { readonly kind: 'missed' }
  | { readonly kind: 'over' };

/** An agent of a tree that runs here and could run next. */
export interface Start {
  readonly agentId: AgentId;
  /** Never later than the slot's time. @throws Error for bugs only */
  begin(slot: Slot): Promise<Beginning>;
  /** Leaves it to the scheduler's queue. Never rejects; should this not come about, a reactor sees to it. */
  enqueue(): Promise<void>;
}
