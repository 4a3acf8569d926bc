import type { Logger } from '@skynet/platform';
import { createLogger } from '@skynet/platform/service';

/** A line of the log as it would have been written. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** A logger that keeps its lines, of every level. */
export function recordingLogger(): { readonly log: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write = (line: string) => lines.push(JSON.parse(line) as LogLine);
  return { log: createLogger({ level: 'debug', write }), lines };
}
