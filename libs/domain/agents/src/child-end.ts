import type { AgentEvent, AgentEventData, EndStatus, Limits, Spent } from '@skynet/contracts';
import { agentRowProjection } from './agent-row.projection.js';
import { available } from './agent/available.js';
import type { SpawnedAgent } from './agent/agent-state.js';

/**
 * What a parent has to know of an agent that has ended. What the agent still held or had set aside counts as spent, so
 * that nothing has to be corrected later.
 */
function spentForParent(state: SpawnedAgent): Spent {
  const { limits } = state.spawned;
  const left = available(state);
  return {
    inputTokens: Math.max(0, limits.tokens - left.tokens - state.spent.outputTokens),
    outputTokens: state.spent.outputTokens,
    costMicroUsd: Math.max(0, limits.costMicroUsd - left.costMicroUsd),
    descendants: Math.max(0, limits.descendants - left.descendants),
  };
}

/** All that was set aside for an agent: what counts as spent when nobody can know. */
export function allOf({ tokens, costMicroUsd, descendants }: Limits): Spent {
  return { inputTokens: tokens, outputTokens: 0, costMicroUsd, descendants };
}

/** Data of the parent's `ChildEnded`, from the child's state and its terminal event. */
export function childEndOf(
  state: SpawnedAgent,
  end: Partial<Pick<AgentEventData<'ChildEnded'>, 'output' | 'failure'>>,
): AgentEventData<'ChildEnded'> {
  return {
    childId: state.spawned.agentId,
    status: state.phase as EndStatus,
    spent: spentForParent(state),
    ...end,
  };
}

/** The same of a child whose end is among these events: its parent is told the outcome as readers of the child are. */
export function childEndAfter(
  state: SpawnedAgent,
  events: readonly AgentEvent[],
): AgentEventData<'ChildEnded'> {
  const begun: AgentEvent = { type: 'AgentSpawned', data: state.spawned };
  const row = [begun, ...events].reduce<ReturnType<typeof agentRowProjection.evolve>>(
    (before, event, revision) =>
      agentRowProjection.evolve(before, { ...event, revision, timeMs: 0 }),
    undefined,
  );
  return childEndOf(state, { output: row?.output ?? row?.partial, failure: row?.failure });
}
