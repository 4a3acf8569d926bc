import type { AgentEventData } from '@skynet/contracts';
import type { SpawnedAgent } from '../agent/agent-state.js';

/** A model that takes over has all of its tries. */
export function modelChosen(
  state: SpawnedAgent,
  { model, from, reasons }: AgentEventData<'ModelChosen'>,
): SpawnedAgent {
  if (from === undefined) return { ...state, model };
  const tried = { model: from, reason: reasons[0] ?? '' };
  const triedModels = [...(state.triedModels ?? []), tried];
  return { ...state, model, triedModels, failedAttempts: 0 };
}
