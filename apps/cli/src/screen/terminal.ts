import type { Writable } from 'node:stream';
import pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;

/** Where a command writes. Results go to standard output; what accompanies them to standard error. */
export interface Terminal {
  readonly colors: Colors;
  /** Whether standard output is a terminal that can be redrawn. */
  readonly isLive: boolean;
  readonly columns: number;
  readonly rows: number;
  /** A line of the result. */
  readonly print: (line: string) => void;
  /** A line for the person who watches. */
  readonly note: (line: string) => void;
  /** Characters as they are, for drawing. */
  readonly write: (characters: string) => void;
}

interface Stream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

const COLUMNS = 120;
const ROWS = 30;

export function openTerminal(out: Stream, err: Stream, mayDecorate: boolean): Terminal {
  const isLive = out.isTTY === true && mayDecorate;
  return {
    colors: pc.createColors(isLive),
    isLive,
    get columns() {
      return out.columns ?? COLUMNS;
    },
    get rows() {
      return out.rows ?? ROWS;
    },
    print: (line) => void out.write(`${line}\n`),
    note: (line) => void err.write(`${line}\n`),
    write: (characters) => void out.write(characters),
  };
}
