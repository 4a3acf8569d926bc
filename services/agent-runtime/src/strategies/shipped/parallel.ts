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
  type StrategyTurn,
  type StrategyView,
} from '../contract/strategy.port.js';

const MOST = 50;
const texts = z.array(z.string().min(1)).min(1).max(MOST).optional();

const parameters = z.strictObject({
  tasks: texts.describe('the parts; default: the model names them'),
  roles: texts.describe('the same task from each of these roles, instead of parts'),
  count: z.int().min(2).max(MOST).default(3).describe('most parts that the model may name'),
  atOnce: z.int().min(1).max(MOST).default(10).describe('most agents at once'),
});
type View = StrategyView<z.infer<typeof parameters>>;

const SPLIT =
  'Split the task into parts that agents can work on at the same time, without knowing of each other.';
const JOIN =
  'These are the results of agents that worked on parts of the task. Answer the task from them alone, and say where they contradict each other.';

/** Parts that need nothing of each other, at the same time. */
export const parallel = strategy({
  name: 'parallel',
  about: 'independent parts at the same time, then one answer',
  parameters,
  next: (view) => {
    const { tasks, roles, count } = view.parameters;
    const own = alone(view, 2, 'two agents');
    if (own !== undefined) return own;
    if (roles !== undefined)
      return work(
        view,
        roles.map((role, at) => asRole(role, at, view)),
        0,
      );
    if (tasks !== undefined) return work(view, tasks.map(asPart), 0);
    const asked = { stage: 'parts', what: 'parts', most: count, instruction: SPLIT };
    const list = askedList(view, asked) ?? { entries: [view.task], more: 0 };
    return isTurn(list) ? list : work(view, list.entries.map(asPart), list.more);
  },
});

function work(view: View, parts: readonly Part[], more: number): StrategyTurn {
  const done = resultsOf(view, 'work');
  const left = openParts(view, parts, 'work');
  const { atOnce } = view.parameters;
  const next = wave(view, { stage: 'work', parts: left, atOnce, what: 'Parts' });
  if (next !== undefined) return next;
  const cut = more === 0 ? [] : [`${more} parts more than were asked for`];
  return joined(done, [...unbegun(left), ...cut], JOIN);
}

function asPart(text: string, at: number): Part {
  return { key: String(at + 1), title: titled(at + 1, text), text };
}

function asRole(role: string, at: number, { task }: View): Part {
  return { ...asPart(role, at), text: `You are: ${role}\n\n${task}` };
}
