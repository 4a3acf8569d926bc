import type { AgentId } from '@skynet/contracts';
import type { SpawnedAgent } from '../agent/agent-state.js';
import { needsAnswers } from './next-step.js';

/** Whether a parked agent has nothing left to wait for once these children have ended, beside those that it knows of. */
export function wakesWith(state: SpawnedAgent, ended: ReadonlySet<AgentId>): boolean {
  const { awaits, children, paused, phase, wakeAtMs } = state;
  if (phase !== 'waiting' || paused || wakeAtMs !== undefined || needsAnswers(state)) return false;
  const isEnded = (id: AgentId) => ended.has(id) || children.get(id)?.ended !== undefined;
  return [...awaits.values()].every(
    ({ childIds, needed }) => childIds.filter(isEnded).length >= needed,
  );
}
