import type { AgentEventData, AgentId } from '@skynet/contracts';

/** A live agent as the scheduler knows it. */
export interface Entry {
  readonly agentId: AgentId;
  readonly rootId: AgentId;
  readonly tenant: string;
  readonly priority: number;
  deadlineMs: number;
  /** Of the last event. */
  revision: number;
  phase: 'queued' | 'admitting' | 'admitted' | 'running' | 'waiting';
  paused: boolean;
  wasWoken: boolean;
  queuedRevision: number;
  /** Its place among all that were ever put into a queue. */
  queuedOrder: number;
  /** Revision of its last admission; -1 before the first. */
  dispatchId: number;
  admittedAtMs: number;
  /** Of the last run. */
  workerId: string;
  /** Whether that worker may fill the slot again when the run is over. */
  keepsSlot: boolean;
  /** While it waits for its provider. */
  wakeAtMs?: number;
  /** Deadlines of the waits that have one, by tool call. */
  readonly awaits: Map<string, number>;
}

/** Stands for the shape of `SavedEntry` and for how events lead to it: whoever changes either changes this. */
export const SCHEDULE_SCHEMA = 'schedule-8';

/** The same as plain data. */
export type SavedEntry = Omit<Entry, 'awaits'> & {
  readonly awaits: readonly (readonly [string, number])[];
};

/** What is about to be given a slot is queued: that is not in the log, so it is not saved either. */
export function savedEntry(entry: Entry): SavedEntry {
  const phase = entry.phase === 'admitting' ? 'queued' : entry.phase;
  return { ...entry, phase, awaits: [...entry.awaits] };
}

export function restoredEntry(saved: SavedEntry): Entry {
  return { ...saved, awaits: new Map(saved.awaits) };
}

export function newEntry(spawned: AgentEventData<'AgentSpawned'>, revision: number): Entry {
  const { agentId, rootId, tenant, limits, spec } = spawned;
  return {
    agentId,
    rootId,
    tenant,
    priority: spec.priority,
    deadlineMs: limits.deadlineMs,
    revision,
    phase: 'queued',
    paused: false,
    wasWoken: false,
    queuedRevision: revision,
    queuedOrder: 0,
    dispatchId: -1,
    admittedAtMs: 0,
    workerId: '',
    keepsSlot: false,
    awaits: new Map(),
  };
}

export function isRoot({ agentId, rootId }: Entry): boolean {
  return agentId === rootId;
}

/** A root that never had a slot. */
export function startsTree(entry: Entry): boolean {
  return isRoot(entry) && entry.dispatchId < 0;
}

export function holdsSlot(phase: Entry['phase']): boolean {
  return phase === 'admitting' || phase === 'admitted' || phase === 'running';
}
