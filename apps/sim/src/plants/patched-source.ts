/** A bug that is put into the built product, to see whether it is found. */
export interface Plant {
  readonly name: string;
  /** End of the path of the built file. */
  readonly file: string;
  /** Stands in it once. */
  readonly from: string;
  readonly to: string;
}

/** The text of the file with the bug. @throws Error when it does not fit any more */
export function patchedBy({ name, file, from, to }: Plant, source: string): string {
  const parts = source.split(from);
  if (parts.length !== 2) {
    throw new Error(`"${name}": ${file} has its text ${parts.length - 1} times`);
  }
  return parts.join(to);
}
