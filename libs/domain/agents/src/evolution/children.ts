import type { AgentEventData } from '@skynet/contracts';
import type { SpawnedAgent } from '../agent/agent-state.js';
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
  const { spent } = state;
  return {
    ...state,
    children: withEntry(state.children, childId, { ...child, ended }),
    spent: {
      inputTokens: spent.inputTokens + ended.spent.inputTokens,
      outputTokens: spent.outputTokens + ended.spent.outputTokens,
      costMicroUsd: spent.costMicroUsd + ended.spent.costMicroUsd,
      descendants: spent.descendants + ended.spent.descendants + 1,
    },
  };
}
