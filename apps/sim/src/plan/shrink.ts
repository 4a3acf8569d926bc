import type { Plan } from './plan.js';
import type { Step } from './step.js';

const MAX_RUNS = 120;

/** A plan with as few steps as still go wrong: what can be left out, in halves, quarters and so on down to single steps, is. */
export async function shrink(plan: Plan, fails: (plan: Plan) => Promise<boolean>): Promise<Plan> {
  let { steps } = plan;
  let runs = 0;
  for (
    let size = Math.ceil(steps.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let start = 0; start < steps.length && runs < MAX_RUNS;) {
      const fewer: readonly Step[] = [...steps.slice(0, start), ...steps.slice(start + size)];
      runs += 1;
      if (fewer.length > 0 && (await fails({ ...plan, steps: fewer }))) steps = fewer;
      else start += size;
    }
  }
  return { ...plan, steps };
}
