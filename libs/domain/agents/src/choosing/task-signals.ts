import type { TaskFacts } from './task-facts.js';

/** Something of a task that makes it harder, or easier; `points` are few. */
export interface Signal {
  readonly name: string;
  readonly points: number;
}

/** Longer texts are looked at no further. */
const MAX_CHARS = 20_000;

/** Kinds of work that take thought; each is counted once. */
const HARD_WORK: Readonly<Record<string, RegExp>> = {
  design: /\b(?:design|architect\w*|specif(?:y|ication)|plan)\b/i,
  proof: /\b(?:prove|proof|theorem|deriv(?:e|ation))\b/i,
  debugging: /\b(?:debug|root cause|diagnos\w+|fix(?:es)? (?:the|a) bug)\b/i,
  changes: /\b(?:refactor\w*|migrat\w+|implement\w*|optimi[sz]\w+)\b/i,
  research: /\b(?:research|investigat\w+|analy[sz]\w+|evaluat\w+|compar(?:e|ison))\b/i,
  risk: /\b(?:security|vulnerabilit\w+|concurren\w+|legal|medical|trade-?offs?)\b/i,
};
const MOST_HARD_WORK = 4;

const EASY_WORK =
  /^\W*(?:please\s+)?(?:list|name|summari[sz]e|translate|extract|classify|rephrase|format|count|say|repeat)\b/i;

const CODE = /```|\b[\w/-]+\.(?:ts|js|py|go|rs|java|c|cpp|sql|sh)\b/;
const STEP = /^\s*(?:[-*]|\d+[.)])\s/gm;

/** What speaks for a model of more, or of less, skill; each signal at most once, those with the most points first. */
export function signalsOf(task: TaskFacts): readonly Signal[] {
  const text = task.text.slice(0, MAX_CHARS);
  const found = [
    ...lengthOf(task.text.length),
    ...workOf(text),
    ...stepsOf(text),
    ...(CODE.test(text) ? [{ name: 'code', points: 1 }] : []),
    ...toolsOf(task.grants),
    ...(task.isStructured ? [{ name: 'an answer that fits a schema', points: 1 }] : []),
    ...((task.expectedOutput?.length ?? 0) > 500 ? [{ name: 'much is expected', points: 1 }] : []),
    ...placeOf(task),
  ];
  return found.sort((one, other) => Math.abs(other.points) - Math.abs(one.points));
}

function lengthOf(chars: number): readonly Signal[] {
  const points = [400, 2_000, 10_000].filter((bound) => chars >= bound).length;
  return points === 0 ? [] : [{ name: `${chars} characters of task`, points }];
}

function workOf(text: string): readonly Signal[] {
  const kinds = Object.entries(HARD_WORK).flatMap(([name, word]) =>
    word.test(text) ? [name] : [],
  );
  if (kinds.length === 0) return EASY_WORK.test(text) ? [{ name: 'simple work', points: -2 }] : [];
  const points = Math.min(MOST_HARD_WORK, kinds.length * 2);
  return [{ name: `work that takes thought (${kinds.join(', ')})`, points }];
}

function stepsOf(text: string): readonly Signal[] {
  const steps = text.match(STEP)?.length ?? 0;
  if (steps < 3) return [];
  return [{ name: `${steps} steps`, points: steps < 6 ? 1 : 2 }];
}

function toolsOf(grants: number): readonly Signal[] {
  if (grants === 0) return [];
  return [
    { name: `${grants} ${grants === 1 ? 'grant' : 'grants'} of tools`, points: grants < 8 ? 1 : 2 },
  ];
}

/** Who leads others decides most; who is deep in a tree does a small part. */
function placeOf({ depth, leads }: TaskFacts): readonly Signal[] {
  if (depth === 0) return leads ? [{ name: 'the root of a tree', points: 1 }] : [];
  return depth >= 2 ? [{ name: `depth ${depth}`, points: -1 }] : [];
}
