import type { AgentEventData } from '@skynet/contracts';
import type { SpawnedAgent } from '../agent/agent-state.js';
import { withEntry } from './map-changes.js';

export function limitsExtended(
  state: SpawnedAgent,
  { add, limits }: AgentEventData<'LimitsExtended'>,
  id = '',
): SpawnedAgent {
  return { ...withExtension(state, { id, add }), spawned: { ...state.spawned, limits } };
}

/** So much more is set aside for the child. */
export function childExtended(
  state: SpawnedAgent,
  { childId, add, limits }: AgentEventData<'ChildExtended'>,
  id = '',
): SpawnedAgent {
  const child = state.children.get(childId);
  if (child === undefined) return state;
  const children = withEntry(state.children, childId, { ...child, limits });
  return { ...withExtension(state, { id, add }), children };
}

function withExtension(
  state: SpawnedAgent,
  extension: NonNullable<SpawnedAgent['extensions']>[number],
): SpawnedAgent {
  return { ...state, extensions: [...(state.extensions ?? []), extension] };
}
