import { readList, readNumbers, type ReadList } from './reading.js';
import type {
  Part,
  PartResult,
  Step,
  StrategyTurn,
  StrategyView,
  Titled,
} from './strategy.port.js';

const TRIES = 2;

export interface AskedList {
  readonly stage: string;
  /** What the entries are, in the plural. */
  readonly what: string;
  readonly most: number;
  readonly instruction: string;
  readonly results?: readonly Titled[];
}

/** The list that the model wrote when it was asked for it; else the turn that asks, at most twice; then none. */
export function askedList(
  { steps }: Pick<StrategyView, 'steps'>,
  { stage, what, most, instruction, results = [] }: AskedList,
): ReadList | StrategyTurn | undefined {
  const tries = steps.filter((step) => step.stage === stage);
  const last = tries.at(-1);
  const read = last === undefined ? undefined : readList(last.text, most);
  if (read !== undefined) return read;
  if (tries.length >= TRIES) return undefined;
  const again = last === undefined ? '' : 'No such list could be read in your last answer. ';
  const form = `Answer with JSON alone: an array of at most ${most} texts, each complete in itself.`;
  return {
    kind: 'think',
    stage,
    reason:
      last === undefined ? `Asks for ${what}.` : `Asks for ${what} once more: none could be read.`,
    instruction: `${again}${instruction} ${form}`,
    results,
  };
}

export interface AskedNumbers {
  readonly stage: string;
  readonly reason: string;
  readonly instruction: string;
  /** What is chosen from; the model names them by their place. */
  readonly results: readonly Titled[];
}

/** Places that the model chose, the best first, counted from 1; else the turn that asks, at most twice; then none. */
export function askedNumbers(
  { steps }: Pick<StrategyView, 'steps'>,
  { stage, reason, instruction, results }: AskedNumbers,
): readonly number[] | StrategyTurn {
  const tries = steps.filter((step) => step.stage === stage);
  const read = readNumbers(tries.at(-1)?.text ?? '', results.length);
  if (read.length > 0 || tries.length >= TRIES) return read;
  const numbered = results.map(({ title, text }, at) => ({ title: `${at + 1}: ${title}`, text }));
  const isFirst = tries.length === 0;
  return {
    kind: 'think',
    stage,
    reason: isFirst ? reason : `${reason} Once more: no number could be read.`,
    instruction: isFirst ? instruction : `Begin your answer with a number. ${instruction}`,
    results: numbered,
  };
}

export function isTurn(asked: ReadList | readonly number[] | StrategyTurn): asked is StrategyTurn {
  return 'kind' in asked;
}

/** Results of all turns of these stages. */
export function resultsOf(
  { steps }: { readonly steps: readonly Step[] },
  ...stages: readonly string[]
): readonly PartResult[] {
  return steps.flatMap(({ stage, results }) => (stages.includes(stage) ? results : []));
}

/** Results that have a text. */
export function broughtBy(results: readonly PartResult[]): readonly Titled[] {
  return results.flatMap(({ title, text }) => (text === undefined ? [] : [{ title, text }]));
}

/** What has failed, one line each. */
export function lacking(results: readonly PartResult[]): readonly string[] {
  return results.flatMap(({ title, text, problem, status }) =>
    text === undefined ? [`${title}: ${problem ?? status}`] : [],
  );
}

/** Parts that have not been given out in these stages. */
export function openParts(
  view: Pick<StrategyView, 'steps'>,
  parts: readonly Part[],
  stage: string,
) {
  const done = new Set(resultsOf(view, stage).map(({ key }) => key));
  return parts.filter(({ key }) => !done.has(key));
}

/** For what was not begun. */
export function unbegun(parts: readonly Titled[]): readonly string[] {
  return parts.map(({ title }) => `${title}: not begun, too little was left`);
}

/** As a title of a part, for people. */
export function titled(number: number, text: string): string {
  const line = text.split('\n')[0] ?? '';
  return `${number}. ${line.length > 50 ? `${line.slice(0, 50).toWellFormed()}…` : line}`;
}

/** Everything that was brought becomes one answer. */
export function joined(
  results: readonly PartResult[],
  missing: readonly string[],
  instruction: string,
): StrategyTurn {
  const brought = broughtBy(results);
  const nothing = brought.length === 0 ? ' There are no results: do the task yourself.' : '';
  return {
    kind: 'answer',
    instruction: `${instruction}${nothing}`,
    results: brought,
    missing: [...lacking(results), ...missing],
  };
}
