import { dayStartMs, type AgentId, type AgentRow, type ModelUse } from '@skynet/contracts';

/**
 * What an agent's own calls of models used. A row from a release that kept no days has all of it on its last day, as one
 * call; what its ended children spent, which such a row holds too, is taken off.
 */
export function modelUseOf(
  row: AgentRow,
  get: (agentId: AgentId) => AgentRow | undefined,
): readonly ModelUse[] {
  const { childIds, model, modelUse, spent, updatedAtMs } = row;
  if (modelUse !== undefined) return modelUse;
  let { inputTokens, outputTokens, costMicroUsd } = spent;
  for (const childId of childIds) {
    const child = get(childId);
    if (child?.endedAtMs === undefined) continue;
    inputTokens -= child.spent.inputTokens;
    outputTokens -= child.spent.outputTokens;
    costMicroUsd -= child.spent.costMicroUsd;
  }
  return [
    {
      ...{ dayMs: dayStartMs(updatedAtMs), model, calls: 1, failed: 0, ms: 0, slowestMs: 0 },
      inputTokens: Math.max(0, inputTokens),
      outputTokens: Math.max(0, outputTokens),
      costMicroUsd: Math.max(0, costMicroUsd),
      cachedTokens: 0,
      savedMicroUsd: 0,
    },
  ];
}
