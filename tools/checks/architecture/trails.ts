/** What lies on the shortest way from one node to one that is looked for, both included; undefined when none is reached. */
export function trailTo(
  graph: ReadonlyMap<string, Iterable<string>>,
  start: string,
  isSought: (node: string) => boolean,
): string[] | undefined {
  const seen = new Set([start]);
  const trails = [[start]];
  for (const trail of trails) {
    const last = trail.at(-1) ?? start;
    if (isSought(last)) return trail;
    for (const next of graph.get(last) ?? []) {
      if (!seen.has(next)) trails.push([...trail, next]);
      seen.add(next);
    }
  }
  return undefined;
}
