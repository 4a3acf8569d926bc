/** Causes may go round in a circle. */
const MOST_CAUSES = 16;

/** An error, its cause, the cause of that, and so on. */
export function causesOf(error: unknown): readonly unknown[] {
  const all = [error];
  for (let last = error; all.length < MOST_CAUSES; all.push(last)) {
    if (typeof last !== 'object' || last === null || !('cause' in last)) break;
    last = last.cause;
  }
  return all;
}
