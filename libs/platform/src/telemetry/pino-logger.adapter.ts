import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { activeFields, activeTrace } from '../runtime/active-trace.js';
import { systemClock, type Clock } from '../runtime/clock.js';
import { LineLimit } from '../runtime/line-limit.js';
import type { LogFields, Logger, LogLevel } from '../runtime/logger.js';

export interface LoggerOptions {
  /** Lines below this level are dropped. Default: info. */
  readonly level?: LogLevel;
  /** Fields of every line, for example the service's name. */
  readonly fields?: LogFields;
  /** Gets each line with its line break. Default: the file. */
  readonly write?: (line: string) => void;
  /** Descriptor of the file that lines are written to. Default: 1, standard output. */
  readonly file?: number;
  /** What becomes of a line before it is written, for example without secrets. Default: it stays. */
  readonly mask?: (line: string) => string;
  readonly clock?: Clock;
}

/** Lines with the same text in ten seconds; what more there are is counted in the next one's `suppressed`. */
const SAME_TEXT_MAX = 100;
const STDOUT = 1;
/** Lines that can't be written wait in memory up to so many bytes. */
const UNWRITTEN_MAX_BYTES = 1024 * 1024;

/**
 * A logger that writes `{"level", "time", ...fields, "message"}`, inside of a trace with `traceId` and `spanId`. Lines that
 * can't be written are lost; they never end the process.
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { level = 'info', fields = {}, clock = systemClock, write, mask } = options;
  const destination = write === undefined ? fileOf(options.file ?? STDOUT) : { write };
  const log = pino(
    {
      level,
      base: fields,
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date(clock.nowMs()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: printable },
      mixin: traceFields,
      ...(mask !== undefined && { hooks: { streamWrite: mask } }),
    },
    destination,
  );
  return over(log, new LineLimit(clock, SAME_TEXT_MAX));
}

function fileOf(file: number): DestinationStream {
  const destination = pino.destination({
    dest: file,
    sync: true,
    maxLength: UNWRITTEN_MAX_BYTES,
  });
  // A full disk or a pipe that nobody reads any more.
  destination.on('error', () => undefined);
  return destination;
}

function over(log: PinoLogger, limit: LineLimit): Logger {
  const line = (level: LogLevel) => (message: string, fields?: LogFields) => {
    const suppressed = limit.take(message);
    if (suppressed === undefined) return;
    log[level](suppressed === 0 ? fields : { ...fields, suppressed }, message);
  };
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    child: (fields) => over(log.child(fields), limit),
  };
}

function traceFields(): object {
  const trace = activeTrace();
  // A new object each time: pino writes into it.
  const fields = { ...activeFields() };
  return trace === undefined ? fields : { traceId: trace.traceId, spanId: trace.spanId, ...fields };
}

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
