/**
 * What is decided in other ways than before has a number here, and each run records the number that all of it is decided
 * by: what an old log holds is judged by the rules of its time. Who changes how something is decided adds a line.
 */
const RULES = [
  /** Runs of before: an answer without a word completes the agent, unless the worker told otherwise. */
  { asksAgain: false },
  { asksAgain: true },
] as const;

/** The number that new runs record. */
export const CURRENT_RULES = RULES.length - 1;

/** By which a run is decided; of a number that this program does not know, the newest. */
export function rulesOf({ rules }: { readonly rules: number }): (typeof RULES)[number] {
  return RULES[rules] ?? RULES[CURRENT_RULES] ?? RULES[0];
}
