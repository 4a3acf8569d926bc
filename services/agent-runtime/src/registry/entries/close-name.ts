/** The known name that was probably meant; undefined when none is close. */
export function closeName(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const near = known
    .map((each) => ({ each, edits: editsBetween(lower, each.toLowerCase()) }))
    .filter(({ edits }) => edits <= (name.length < 5 ? 1 : Math.max(2, name.length / 4)))
    .sort((one, other) => one.edits - other.edits);
  return near[0]?.each ?? known.find((each) => each.toLowerCase().startsWith(lower));
}

/** Characters to add, drop or change; two neighbours that changed places count as two. */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, character] of [...one].entries()) {
    const next = [index + 1];
    for (const [at, expected] of [...other].entries()) {
      const changed = (row[at] ?? 0) + (character === expected ? 0 : 1);
      next.push(Math.min(changed, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
