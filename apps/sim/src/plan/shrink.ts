import fc from 'fast-check';
import type { Plan } from './plan.js';

const MAX_RUNS = 120;

/** A plan with as few steps as still go wrong. */
export async function shrink(plan: Plan, fails: (plan: Plan) => Promise<boolean>): Promise<Plan> {
  const { seed, steps } = plan;
  let runs = 0;
  const property = fc.asyncProperty(fc.subarray([...steps]), async (fewer) => {
    if (fewer.length === 0) return true;
    runs += 1;
    return runs > MAX_RUNS || !(await fails({ ...plan, steps: fewer }));
  });
  const { counterexample } = await fc.check(property, {
    ...{ seed, numRuns: 1 },
    examples: [[[...steps]]],
  });
  return { ...plan, steps: counterexample?.[0] ?? steps };
}
