import pc from 'picocolors';
import type { Terminal } from '../screen/terminal.js';

/** Keeps what is written; has no colors. */
export interface RecordingTerminal extends Terminal {
  readonly printed: readonly string[];
  readonly noted: readonly string[];
  readonly written: readonly string[];
}

export function recordingTerminal(
  shape: Partial<Pick<Terminal, 'isLive' | 'columns' | 'rows'>> = {},
): RecordingTerminal {
  const printed: string[] = [];
  const noted: string[] = [];
  const written: string[] = [];
  return {
    colors: pc.createColors(false),
    isLive: false,
    columns: 80,
    rows: 24,
    ...shape,
    print: (line) => void printed.push(line),
    note: (line) => void noted.push(line),
    write: (characters) => void written.push(characters),
    printed,
    noted,
    written,
  };
}
