import type { AgentEventData } from '@skynet/contracts';
import type { SpawnedAgent } from '../agent/agent-state.js';
import { plusChild } from '../agent/spent.js';
import { withEntry } from './map-changes.js';

export function childReserved(
  state: SpawnedAgent,
  { childId, limits, spec }: AgentEventData<'ChildReserved'>,
): SpawnedAgent {
  const { argsHash, onParentClose } = spec;
  const child = { argsHash, limits, onParentClose, collected: false };
  return { ...state, children: withEntry(state.children, childId, child) };
}

/** What the child did not spend is free again: its limits no longer count, what it spent does. */
export function childEnded(
  state: SpawnedAgent,
  { childId, ...ended }: AgentEventData<'ChildEnded'>,
): SpawnedAgent {
  const child = state.children.get(childId);
  if (child === undefined) return state;
  return {
    ...state,
    children: withEntry(state.children, childId, { ...child, ended }),
    spent: plusChild(state.spent, ended.spent),
  };
}
