import { SLOT_KEPT_MS, type AgentEventData, type AgentId } from '@skynet/contracts';
import type { Clock } from '@skynet/platform';
import type { AgentRequest } from '../../owner/agents.js';
import type { StartedRun } from '../run/agent.runner.js';
import type { PreparedRun } from '../run/prepared-run.js';
import type { FreedSlot } from '../run/freed-slot.js';

/** A slot of this worker that no agent holds. */
export interface Slot {
  readonly source: AgentEventData<'AgentAdmitted'>['slot'];
  /** An agent that is to have it must be on its way to the log before, monotonic milliseconds. */
  readonly lastMomentMs: number;
}

export function keptSlot({ of, freedAtMs }: FreedSlot): Slot {
  return { source: { kind: 'kept', of }, lastMomentMs: freedAtMs + SLOT_KEPT_MS };
}

export function isLate({ lastMomentMs }: Slot, clock: Pick<Clock, 'monotonicMs'>): boolean {
  return clock.monotonicMs() > lastMomentMs;
}

/** Time for what a run needs before it begins on the slot; what is not there then comes during the run. */
export function preparationMs({ lastMomentMs }: Slot, clock: Pick<Clock, 'monotonicMs'>): number {
  return Math.max(0, (lastMomentMs - clock.monotonicMs()) / 2);
}

/** The request that begins a run on the slot, in the slot's time. */
export function beginRunOn(
  { source, lastMomentMs }: Slot,
  { startId: id, start }: Pick<PreparedRun, 'startId' | 'start'>,
  queuedRevision?: number,
): AgentRequest<'BeginRun'> {
  const data = { ...start, slot: source, queuedRevision };
  return { id, type: 'BeginRun', data, lastMomentMs };
}

/**
 * What became of an agent that was to have a slot. `missed`: it has not taken the slot, another one may. `over`: it has, and
 * has ended in the same commit.
 */
export type Beginning =
  | (StartedRun & { readonly kind: 'begun'; readonly prepared: PreparedRun })
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
