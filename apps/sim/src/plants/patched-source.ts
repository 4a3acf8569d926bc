/** A text of the built product that is replaced. */
export interface Edit {
  /** End of the path of the built file. */
  readonly file: string;
  /** Stands in it once. */
  readonly from: string;
  readonly to: string;
}

/** A bug that is put into the built product, to see whether it is found. */
export interface Plant extends Edit {
  readonly name: string;
  /** What guards against the same, where one edit alone would be no bug. */
  readonly also?: readonly Edit[];
}

export function editsOf({ also = [], ...first }: Plant): readonly Edit[] {
  return [first, ...also];
}

/** The text of the file with the bug. @throws Error when it does not fit any more */
export function patchedBy(plant: Plant, file: string, source: string): string {
  const edits = editsOf(plant).filter((edit) => edit.file === file);
  return edits.reduce((text, { from, to }) => {
    const parts = text.split(from);
    if (parts.length === 2) return parts.join(to);
    throw new Error(`"${plant.name}": ${file} has its text ${parts.length - 1} times`);
  }, source);
}
