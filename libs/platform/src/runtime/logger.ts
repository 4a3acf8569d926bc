import { pino, type Logger as PinoLogger } from 'pino';
import { activeTrace } from '../telemetry/active-trace.js';
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

/** A logger that writes `{"level", "time", ...fields, "message"}`, inside of a trace with `traceId` and `spanId`. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { level = 'info', fields = {}, clock = systemClock, write } = options;
  const destination = write === undefined ? pino.destination({ sync: true }) : { write };
  const log = pino(
    {
      level,
      base: fields,
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date(clock.nowMs()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: printable },
      mixin: traceFields,
    },
    destination,
  );
  return over(log);
}

function over(log: PinoLogger): Logger {
  return {
    debug: (message, fields) => log.debug(fields, message),
    info: (message, fields) => log.info(fields, message),
    warn: (message, fields) => log.warn(fields, message),
    error: (message, fields) => log.error(fields, message),
    child: (fields) => over(log.child(fields)),
  };
}

function traceFields(): object {
  const trace = activeTrace();
  return trace === undefined ? {} : { traceId: trace.traceId, spanId: trace.spanId };
}

/** Drops everything. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

function printable(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return {
    ...value,
    name,
    message,
    stack,
    ...(cause === undefined ? {} : { cause: printable(cause) }),
  };
}
