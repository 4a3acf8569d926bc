import { PassThrough } from 'node:stream';
import pc from 'picocolors';
import { openTerminal, type Terminal } from '../screen/terminal.js';

/** Keeps what is written; has no colors. */
export interface RecordingTerminal extends Terminal {
  readonly printed: readonly string[];
  readonly noted: readonly string[];
  readonly moved: readonly string[];
}

export function recordingTerminal(
  shape: Partial<Pick<Terminal, 'isLive' | 'columns' | 'rows'>> = {},
): RecordingTerminal {
  const printed: string[] = [];
  const noted: string[] = [];
  const moved: string[] = [];
  return {
    colors: pc.createColors(false),
    isLive: false,
    columns: 80,
    rows: 24,
    ...shape,
    print: (line) => void printed.push(line),
    note: (line) => void noted.push(line),
    noteText: (piece) => void noted.push(piece),
    printText: (text) => void printed.push(text),
    printJson: (value) => void printed.push(JSON.stringify(value)),
    printData: (data) => void printed.push(data),
    printBytes: (bytes) => void printed.push(Buffer.from(bytes).toString()),
    moveCursor: (codes) => void moved.push(codes),
    printed,
    noted,
    moved,
  };
}

/** What a person sees: everything that went to a terminal. */
export function liveTerminal(rows = 24): Terminal & { readonly shown: () => string } {
  const out = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows });
  return { ...openTerminal(out, out, true), shown: () => String(out.read() ?? '') };
}
