import { liveChildren, type SpawnedAgent } from './agent-state.js';

/** What is neither spent, nor set aside for children, nor held for the call under way. */
export interface Available {
  readonly tokens: number;
  readonly costMicroUsd: number;
  readonly descendants: number;
}

/** The budget line of one agent: `spent + set aside + held + available = limit`. */
export function available(state: SpawnedAgent): Available {
  const { limits } = state.spawned;
  const held = state.modelCall?.held;
  let tokens = limits.tokens - state.spent.inputTokens - state.spent.outputTokens;
  let costMicroUsd = limits.costMicroUsd - state.spent.costMicroUsd;
  let descendants = limits.descendants - state.spent.descendants;
  for (const [, child] of liveChildren(state)) {
    tokens -= child.limits.tokens;
    costMicroUsd -= child.limits.costMicroUsd;
    descendants -= child.limits.descendants + 1;
  }
  if (held !== undefined) {
    tokens -= held.inputTokens + held.outputTokens;
    costMicroUsd -= held.costMicroUsd;
  }
  return { tokens, costMicroUsd, descendants };
}
