import { z } from 'zod';
import { alone, wave } from '../contract/allotment.js';
import {
  askedList,
  broughtBy,
  isTurn,
  joined,
  lacking,
  openParts,
  resultsOf,
  unbegun,
} from '../contract/joining.js';
import type { ReadList } from '../contract/reading.js';
import {
  strategy,
  type PartResult,
  type StrategyTurn,
  type StrategyView,
} from '../contract/strategy.port.js';
import { stepPart } from './sequential.js';

const MOST = 50;

const parameters = z.strictObject({
  most: z.int().min(1).max(MOST).default(8).describe('most steps of a plan'),
  replans: z.int().min(0).max(5).default(2).describe('how often the rest is planned anew'),
});
type View = StrategyView<z.infer<typeof parameters>>;

const PLAN =
  'Plan the task: steps that are done one after the other, each by an agent that knows the results of those before.';
const PLAN_AGAIN =
  'A step has failed. Plan anew what is left of the task, another way where one has failed; do not repeat what is done.';
const JOIN = 'These are the results of the steps of a plan. Answer the task from them alone.';

/** A plan, its steps, and another plan for the rest when a step fails. */
export const planExecute = strategy({
  name: 'plan-execute',
  about: 'a plan, its steps one after the other, a new plan when one fails',
  parameters,
  next: (view) => alone(view, 1, 'an agent') ?? round(view, 0),
});

const workOf = (number: number) => `work ${number}`;

function round(view: View, number: number): StrategyTurn {
  const before = Array.from({ length: number }, (_, at) => resultsOf(view, workOf(at))).flat();
  const plan = planOf(view, number, before);
  if (plan === undefined && number > 0) return joined(before, ['no new plan could be read'], JOIN);
  const list = plan ?? { entries: [view.task], more: 0 };
  return isTurn(list) ? list : execute(view, number, list, before);
}

function planOf(view: View, number: number, before: readonly PartResult[]) {
  const { most } = view.parameters;
  const results = [...broughtBy(before), ...failuresOf(before)];
  if (number === 0) {
    return askedList(view, { stage: 'plan', what: 'a plan', most, instruction: PLAN });
  }
  const what = 'a new plan, for a step has failed';
  return askedList(view, {
    stage: `plan ${number + 1}`,
    ...{ what, most, instruction: PLAN_AGAIN, results },
  });
}

function execute(
  view: View,
  number: number,
  { entries, more }: ReadList,
  before: readonly PartResult[],
): StrategyTurn {
  const done = resultsOf(view, workOf(number));
  const all = [...before, ...done];
  const parts = entries.map((text, at) => stepPart(text, at, all));
  const left = openParts(view, parts, workOf(number));
  const hasFailed = lacking(done).length > 0;
  if (hasFailed && number < view.parameters.replans) return round(view, number + 1);
  const steps = { stage: workOf(number), parts: left, atOnce: 1, what: 'Steps of the plan' };
  const next = hasFailed ? undefined : wave(view, steps);
  const cut = more === 0 ? [] : [`${more} steps more than were asked for`];
  return next ?? joined(all, [...unbegun(left), ...cut], JOIN);
}

function failuresOf(results: Parameters<typeof lacking>[0]) {
  return lacking(results).map((text) => ({ title: 'Failed', text }));
}
