/** The first pause between tries, and the longest. */
export interface BackoffBounds {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * The pause after so many failures, 0 for the first: doubles with each up to the longest, and is cut by up to a half at
 * random, so that many who failed together do not come back together. `chance`: a number in [0, 1).
 */
export function backoffMs(
  failures: number,
  { firstMs, longestMs }: BackoffBounds,
  chance: () => number = Math.random,
): number {
  return Math.round(Math.min(longestMs, firstMs * 2 ** failures) * (0.5 + chance() / 2));
}
