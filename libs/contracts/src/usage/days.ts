export const DAY_MS = 86_400_000;

/** Start of the day of that time, in UTC; epoch milliseconds. */
export function dayStartMs(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS) * DAY_MS;
}
