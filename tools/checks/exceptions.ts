/**
 * The only place where a rule bends, by file, with the reason. The list may only shrink: a check fails when an entry
 * is no longer needed.
 */
export interface Exception {
  /** From the root. */
  readonly file: string;
  /** Of ESLint, or `architecture/<check>`. */
  readonly rule: string;
  readonly reason: string;
}

export const exceptions: readonly Exception[] = [];
