import { z } from 'zod';
import { alone, wave } from '../contract/allotment.js';
import {
  askedList,
  isTurn,
  joined,
  openParts,
  resultsOf,
  titled,
  unbegun,
} from '../contract/joining.js';
import {
  strategy,
  type Part,
  type PartResult,
  type StrategyTurn,
  type StrategyView,
} from '../contract/strategy.port.js';

const MOST = 50;

const parameters = z.strictObject({
  steps: z
    .array(z.string().min(1))
    .min(1)
    .max(MOST)
    .optional()
    .describe('default: the model names them'),
  most: z.int().min(1).max(MOST).default(6).describe('most steps that the model may name'),
});
type View = StrategyView<z.infer<typeof parameters>>;

const SPLIT =
  'Split the task into steps that are done one after the other, each by an agent that knows the results of those before.';
const JOIN =
  'These are the results of steps that were done one after the other. Answer the task from them alone.';

/** One step after the other; each is told what came of those before. */
export const sequential = strategy({
  name: 'sequential',
  about: 'steps one after the other, each with the results of those before',
  parameters,
  next: (view) => {
    const { steps: given, most } = view.parameters;
    const own = alone(view, 1, 'an agent');
    if (own !== undefined) return own;
    if (given !== undefined) return goOn(view, given, 0);
    const asked = { stage: 'steps', what: 'steps', most, instruction: SPLIT };
    const list = askedList(view, asked) ?? { entries: [view.task], more: 0 };
    return isTurn(list) ? list : goOn(view, list.entries, list.more);
  },
});

function goOn(view: View, steps: readonly string[], more: number): StrategyTurn {
  const done = resultsOf(view, 'step');
  const parts = steps.map((text, at) => stepPart(text, at, done));
  const left = openParts(view, parts, 'step');
  const next = wave(view, { stage: 'step', parts: left, atOnce: 1, what: 'Steps' });
  if (next !== undefined) return next;
  const cut = more === 0 ? [] : [`${more} steps more than were asked for`];
  return joined(done, [...unbegun(left), ...cut], JOIN);
}

/** A step after others, told what has become of them. */
export function stepPart(text: string, at: number, done: readonly PartResult[]): Part {
  const about = done.map(({ title, text: brought, problem = '' }) => ({
    title: `Result of step ${title}`,
    text: brought ?? `It failed: ${problem}`,
  }));
  return { key: String(at + 1), title: titled(at + 1, text), text, about };
}
