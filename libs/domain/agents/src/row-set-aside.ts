import type { AgentRow } from '@skynet/contracts';
import { ended } from './agent-row.projection.js';

/**
 * The row of an agent whose stream can't be read beyond it. A damaged one has failed, for it takes no events; one that a
 * newer release wrote is held as it is. What has ended before keeps its end.
 */
export function rowSetAside(row: AgentRow, fault: NonNullable<AgentRow['setAside']>): AgentRow {
  const { place, reason, isNewer } = fault;
  const setAside = { place, reason, isNewer };
  if (isNewer) return { ...row, setAside };
  const message = `The log of ${row.agentId} is damaged at ${place}: ${reason}.`;
  const failure = { reason: 'DAMAGED_LOG', message, retryable: false };
  // The time of the last event, so that whoever folds the log gets the same row.
  return { ...ended(row, row.updatedAtMs, 'failed', { failure }), setAside };
}

/** Whether the agent counts as failed because its stream is damaged, whatever its last event was. */
export function isFailedByDamage({ failure }: AgentRow): boolean {
  return failure?.reason === 'DAMAGED_LOG';
}
