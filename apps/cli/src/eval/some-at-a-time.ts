/** Does the same for each, some at a time, in order; begins no more once the signal is aborted. What was not begun has no result. */
export async function someAtATime<Item, Result>(
  items: readonly Item[],
  { parallel, signal }: { readonly parallel: number; readonly signal?: AbortSignal },
  run: (item: Item) => Promise<Result>,
): Promise<(Result | undefined)[]> {
  const results = items.map((): Result | undefined => undefined);
  const waiting = [...items.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (signal?.aborted === true) return;
      const [at, item] = next;
      results[at] = await run(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, work));
  return results;
}
