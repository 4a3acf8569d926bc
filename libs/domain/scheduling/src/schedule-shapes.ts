import type { AgentEvent, AgentId } from '@skynet/contracts';
import type { SavedEntry } from './schedule-entry.js';
import type { FreedSlot } from './slots-in-hand.js';

/** An event of an agent's stream as the log delivers it. */
export type ScheduledEvent = AgentEvent & {
  readonly agentId: AgentId;
  readonly revision: number;
  readonly timeMs: number;
  /** By then it was in the log for certain, monotonic milliseconds: wall clocks of others may be anywhere. */
  readonly inLogMs: number;
};

export interface Dispatch {
  readonly agentId: AgentId;
  /** Revision of the admission. */
  readonly dispatchId: number;
  readonly admittedAtMs: number;
}

/** A run that has started and not ended, as the log has it. */
export interface OpenRun {
  readonly agentId: AgentId;
  readonly dispatchId: number;
  readonly workerId: string;
}

export interface SavedSchedule {
  readonly entries: readonly SavedEntry[];
  readonly kept: readonly FreedSlot[];
}

/** Slots that a worker could fill. */
export interface Wish {
  readonly loanId: string;
  readonly tenant: string;
  readonly count: number;
  /** When the loan has surely run out, monotonic milliseconds. */
  readonly untilMs: number;
  /** For roots that begin on them. Default: for agents of trees that have begun. */
  readonly startsTrees?: boolean;
}
