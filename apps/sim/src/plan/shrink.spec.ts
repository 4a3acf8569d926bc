import { expect, it } from '@jest/globals';
import { planOf, type Plan } from './plan.js';
import { shrink } from './shrink.js';

it('is the same plan for the same seed, and another one for another', () => {
  expect(planOf(7, { hasFaults: true })).toEqual(planOf(7, { hasFaults: true }));
  expect(planOf(7, { hasFaults: true })).not.toEqual(planOf(8, { hasFaults: true }));
});

it('leaves the steps without which nothing goes wrong', async () => {
  const plan = planOf(7, { hasFaults: true });
  const needed = [plan.steps[1], plan.steps.at(-1)];
  const fails = async ({ steps }: Plan) =>
    needed.every((step) => steps.some((each) => each === step));
  expect((await shrink(plan, fails)).steps).toEqual(needed);
});
