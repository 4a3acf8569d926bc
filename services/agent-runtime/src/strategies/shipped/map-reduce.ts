import { z } from 'zod';
import { affordable, alone, wave } from '../contract/allotment.js';
import { askedList, broughtBy, isTurn, joined, lacking, resultsOf } from '../contract/joining.js';
import {
  strategy,
  type Part,
  type StrategyTurn,
  type StrategyView,
  type Titled,
} from '../contract/strategy.port.js';

const MOST_ITEMS = 1_000;
const MOST_LEVELS = 3;
/** More than that is joined by agents first. */
const MAX_JOINED_CHARS = 100_000;

const parameters = z.strictObject({
  items: z
    .array(z.string().min(1))
    .min(1)
    .max(MOST_ITEMS)
    .optional()
    .describe('default: the model lists them'),
  operation: z.string().min(1).optional().describe('what is done to each item; default: the task'),
  join: z
    .string()
    .min(1)
    .default('list the results in the order of the items')
    .describe('how the results become one answer'),
  group: z.int().min(1).max(100).default(5).describe('items for one agent'),
  atOnce: z.int().min(1).max(50).default(10).describe('most agents at once'),
  most: z.int().min(1).max(MOST_ITEMS).default(100).describe('most items that the model may list'),
  joinAtOnce: z.int().min(2).max(50).default(10).describe('most results that are joined at once'),
});
type View = StrategyView<z.infer<typeof parameters>>;

const LIST =
  'List the items that the task is about, each as it stands there and with all that belongs to it.';

/** The same to each of many items, in waves; many or long results are joined in levels. */
export const mapReduce = strategy({
  name: 'map-reduce',
  about: 'the same to each of many items in waves, results joined in levels',
  parameters,
  next: (view) => {
    const { items, most } = view.parameters;
    const own = alone(view, 1, 'agents');
    if (own !== undefined) return own;
    if (items !== undefined) return map(view, items, []);
    const asked = { stage: 'items', what: 'items', most, instruction: LIST };
    const list = askedList(view, asked) ?? { entries: [view.task], more: 0 };
    if (isTurn(list)) return list;
    const cut = list.more === 0 ? [] : [`${list.more} items beyond the first ${most}`];
    return map(view, list.entries, cut);
  },
});

/** With little left more items go to one agent. */
function map(view: View, items: readonly string[], cut: readonly string[]): StrategyTurn {
  const { group, atOnce, operation = view.task } = view.parameters;
  const done = resultsOf(view, 'map');
  const taken = new Set(done.flatMap(({ key }) => numbersOf(key)));
  const open = items.map((_, at) => at + 1).filter((number) => !taken.has(number));
  const size = Math.max(group, Math.ceil(open.length / Math.max(1, affordable(view))));
  const groups = chunks(open, size).map((numbers) => groupPart(numbers, items, operation));
  const what = size > group ? `Groups of ${size} instead of ${group} items` : `Groups of ${size}`;
  const next = wave(view, { stage: 'map', parts: groups, atOnce, what, later: 1 });
  if (next !== undefined) return next;
  const unbegun = open.map((number) => `item ${number}: not begun, too little was left`);
  return reduce(view, [...unbegun, ...cut], 1);
}

function reduce(view: View, missing: readonly string[], level: number): StrategyTurn {
  const { join, joinAtOnce, atOnce } = view.parameters;
  const results = resultsOf(view, level === 1 ? 'map' : `reduce ${level - 1}`);
  const brought = broughtBy(results);
  const isMuch = brought.length > joinAtOnce || charsOf(brought) > MAX_JOINED_CHARS;
  const done = resultsOf(view, `reduce ${level}`);
  if (!isMuch || level > MOST_LEVELS || brought.length < 2) {
    return joined(results, missing, `These are results for the items. Join them: ${join}.`);
  }
  const parts = chunks(brought, joinAtOnce).map((about, at) => joinPart(about, at, join));
  const left = parts.filter(({ key }) => !done.some((result) => result.key === key));
  const stage = `reduce ${level}`;
  const next = wave(view, { stage, parts: left, atOnce, what: `Joins, level ${level}` });
  if (next !== undefined) return next;
  if (done.length === 0) return joined(results, missing, `Join these results: ${join}.`);
  const unjoined = left.map(({ title }) => `${title}: not joined, too little was left`);
  return reduce(view, [...missing, ...lacking(results), ...unjoined], level + 1);
}

function groupPart(numbers: readonly number[], items: readonly string[], operation: string): Part {
  const key = numbers.length === 1 ? `${numbers[0]}` : `${numbers[0]}-${numbers.at(-1)}`;
  const each = numbers.map((number) => ({
    title: `Item ${number}`,
    text: items[number - 1] ?? '',
  }));
  return {
    key,
    title: `items ${key}`,
    text: `Do this to each of the items below, and to nothing else: ${operation}`,
    about: each,
    expected:
      'For each item one line that begins with its number, or JSON with one entry for each.',
  };
}

function joinPart(about: readonly Titled[], at: number, join: string): Part {
  const key = String(at + 1);
  const text = `Join the results below, leaving nothing out that the whole may need: ${join}.`;
  return { key, title: `join ${key}`, text, about };
}

/** Groups have consecutive numbers: what is open is always the rest. */
function numbersOf(key: string): number[] {
  const [first = 0, last = first] = key.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, at) => items.slice(at * size, (at + 1) * size));
}

function charsOf(results: readonly Titled[]): number {
  return results.reduce((sum, { text }) => sum + text.length, 0);
}
