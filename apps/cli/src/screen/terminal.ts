import type { Writable } from 'node:stream';
import { markedColors, type Colors } from './marked-colors.js';
import { harmless, harmlessJson, withoutBreaks } from './plain-text.js';

export type { Colors } from './marked-colors.js';

/**
 * Where a command writes. Results go to standard output; what accompanies them to standard error. Whatever a text holds
 * that a terminal acts on is taken out here, whoever reads it: only what is colored with `colors` is.
 */
export interface Terminal {
  readonly colors: Colors;
  /** Whether standard output is a terminal that can be redrawn. */
  readonly isLive: boolean;
  readonly columns: number;
  readonly rows: number;
  /** A line of the result. */
  readonly print: (line: string) => void;
  /** A text with its lines and tabs. */
  readonly printText: (text: string) => void;
  /** A result for programs, on a line of its own: the same value, escaped. */
  readonly printJson: (value: unknown) => void;
  /** A result for programs that must stay as it is, byte for byte, unless a terminal shows it. */
  readonly printData: (data: string) => void;
  /** As `printData`, of bytes that may be no text. */
  readonly printBytes: (bytes: Uint8Array) => void;
  /** Lines for the person who watches. */
  readonly note: (text: string) => void;
  /** A piece of a text for the person who watches, with its lines; what follows goes on behind it. */
  readonly noteText: (piece: string) => void;
  /** Moves the cursor; never a text. */
  readonly moveCursor: (codes: string) => void;
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
  const { colors, show } = markedColors(isLive);
  return {
    colors,
    isLive,
    get columns() {
      return out.columns ?? COLUMNS;
    },
    get rows() {
      return out.rows ?? ROWS;
    },
    print: (line) => void out.write(`${show(line, withoutBreaks)}\n`),
    printText: (text) => void out.write(`${show(text, harmless)}\n`),
    printJson: (value) => void out.write(`${harmlessJson(value)}\n`),
    printData: (data) => void out.write(out.isTTY === true ? harmless(data) : data),
    printBytes: (bytes) =>
      void out.write(out.isTTY === true ? harmless(Buffer.from(bytes).toString()) : bytes),
    note: (text) => void err.write(`${show(text, harmless)}\n`),
    noteText: (piece) => void err.write(show(piece, harmless)),
    moveCursor: (codes) => void out.write(codes),
  };
}
