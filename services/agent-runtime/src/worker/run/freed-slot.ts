import { endsOwnRun, type AgentId } from '@skynet/contracts';
import { isSpawned } from '@skynet/domain-agents';
import { isRefused } from '@skynet/kernel';
import type { AgentExecution } from '../../owner/agents.js';

/** A slot of this worker whose agent has parked or ended, for others of its tree. */
export interface FreedSlot {
  readonly of: AgentId;
  /** Which of the agent's runs has freed it. */
  readonly dispatchId: number;
  readonly rootId: AgentId;
  /** It was not free before, monotonic milliseconds. */
  readonly freedAtMs: number;
}

/** What the commit of a run that was sent then has freed. The tree of a root that has ended is over: its slot is nobody's. */
export function slotFreedBy(execution: AgentExecution, sentMs: number): FreedSlot | undefined {
  const { state } = execution;
  if (isRefused(execution) || !isSpawned(state)) return undefined;
  const freeing = execution.events.find(
    (event) => event.type === 'AgentParked' || endsOwnRun(event),
  );
  const { agentId, rootId } = state.spawned;
  const isTreeOver = agentId === rootId && freeing?.type !== 'AgentParked';
  if (freeing === undefined || isTreeOver) return undefined;
  return { of: agentId, dispatchId: state.dispatchId, rootId, freedAtMs: sentMs };
}
