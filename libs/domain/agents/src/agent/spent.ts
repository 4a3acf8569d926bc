import type { Spent, Usage } from '@skynet/contracts';

/** Of a call that was not made, or of which nothing is known. */
export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, costMicroUsd: 0 };

export const NOTHING_SPENT: Spent = { ...NO_USAGE, descendants: 0 };

/** With the usage of one call more. */
export function plusUsage(spent: Spent, usage: Usage): Spent {
  return {
    inputTokens: spent.inputTokens + usage.inputTokens,
    outputTokens: spent.outputTokens + usage.outputTokens,
    costMicroUsd: spent.costMicroUsd + usage.costMicroUsd,
    descendants: spent.descendants,
  };
}

/** Of two agents together. */
export function plusSpent(a: Spent, b: Spent): Spent {
  return { ...plusUsage(a, b), descendants: a.descendants + b.descendants };
}

/** With what a child of the agent has used, which counts itself. */
export function plusChild(spent: Spent, ofChild: Spent): Spent {
  return plusSpent(spent, { ...ofChild, descendants: ofChild.descendants + 1 });
}
