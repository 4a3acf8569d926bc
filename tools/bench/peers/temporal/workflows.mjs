import { executeChild, proxyActivities } from '@temporalio/workflow';

const { step } = proxyActivities({ startToCloseTimeout: '1 minute' });

/** An agent: each step is an activity, whose result is in the history before the next. */
export async function agent({ depth, fanOut }) {
  await step('model');
  await step('report_progress');
  if (depth === 1) return { leaves: 1, agents: 1 };
  const child = { args: [{ depth: depth - 1, fanOut }] };
  const below = await Promise.all(Array.from({ length: fanOut }, () => executeChild(agent, child)));
  const sum = { leaves: 0, agents: 1 };
  for (const { leaves, agents } of below) {
    sum.leaves += leaves;
    sum.agents += agents;
  }
  return sum;
}
