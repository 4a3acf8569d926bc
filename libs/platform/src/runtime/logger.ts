import { systemClock, type Clock } from './clock.js';

/** Least important first. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What belongs to a line beside its text. An Error is written with its stack and causes. No secrets, no payloads. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured log: one line of JSON per call. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to every line. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  /** Lines below this level are dropped. Default: info. */
  readonly level?: LogLevel;
  /** Fields of every line, for example the service's name. */
  readonly fields?: LogFields;
  /** Gets each line with its line break. Default: standard output. */
  readonly write?: (line: string) => void;
  readonly clock?: Clock;
}

/** A logger that writes `{"time", "level", "message", ...fields}`. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { level = 'info', fields = {}, clock = systemClock } = options;
  const write = options.write ?? ((line) => process.stdout.write(line));
  const lowest = logLevels.indexOf(level);
  const log = (at: LogLevel) => {
    if (logLevels.indexOf(at) < lowest) return () => undefined;
    return (message: string, more: LogFields = {}) => {
      const time = new Date(clock.nowMs()).toISOString();
      write(`${jsonOf({ time, level: at, message, ...fields, ...more })}\n`);
    };
  };
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    child: (more) => createLogger({ ...options, fields: { ...fields, ...more } }),
  };
}

/** Drops everything. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

function jsonOf(line: LogFields): string {
  try {
    return JSON.stringify(line, (_key, value: unknown) => printable(value));
  } catch (error) {
    return JSON.stringify({ ...line, fields: undefined, unprintable: String(error) }, [
      'time',
      'level',
      'message',
      'unprintable',
    ]);
  }
}

function printable(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { ...value, name, message, stack, ...(cause === undefined ? {} : { cause }) };
}
