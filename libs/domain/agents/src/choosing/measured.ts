import type { Estimate } from './task-estimate.js';
import type { Candidate, MeasuredModel } from './task-facts.js';

/** Fewer agents that have ended say nothing. */
const LEAST_AGENTS = 5;
/** Part of them that has failed from which on a model counts as one size smaller. */
const MANY_FAILED = 0.3;
/** So few failures of so many agents make it count as one size larger. */
const FEW_FAILED = 0.05;
const MANY_AGENTS = 20;
/** What it has cost counts up to so many times the estimate, and down to its part. */
const MOST_FACTOR = 2;

/** A candidate as those have proved it that had it before. */
export function judgedBy(
  { id, skill, measured }: Candidate,
  estimate: Estimate,
): { readonly skill: number; readonly estimate: Estimate; readonly remark?: string } {
  if (measured === undefined || !isMeasured(measured)) return { skill, estimate };
  const { agents, failed, meanMs, meanCostMicroUsd = estimate.costMicroUsd } = measured;
  const least = Math.floor(estimate.costMicroUsd / MOST_FACTOR);
  const most = estimate.costMicroUsd * MOST_FACTOR;
  const costMicroUsd = Math.min(most, Math.max(least, Math.round(meanCostMicroUsd)));
  const change = changeBy(measured);
  const counts = { [-1]: ', so it counts as less able', 0: '', 1: ', so it counts as more able' };
  const seconds = (meanMs / 1_000).toFixed(1);
  return {
    skill: skill + change,
    estimate: { ...estimate, costMicroUsd },
    remark: `${id}: ${failed} of ${agents} agents like this failed, ${seconds} s each${counts[change]}`,
  };
}

/** Whether enough of them have ended. */
export function isMeasured({ agents }: Pick<MeasuredModel, 'agents'>): boolean {
  return agents >= LEAST_AGENTS;
}

function changeBy({ agents, failed }: MeasuredModel): -1 | 0 | 1 {
  if (failed / agents >= MANY_FAILED) return -1;
  return agents >= MANY_AGENTS && failed / agents <= FEW_FAILED ? 1 : 0;
}
