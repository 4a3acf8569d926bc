import type { LoggerService } from '@nestjs/common';
import type { Logger } from '../runtime/logger.js';

/** Nest's own lines in our log: `NestFactory.create(Module, { logger: new NestLogger(log) })`. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...context: readonly unknown[]): void {
    this.logger.info(textOf(message), fieldsOf(message, context));
  }

  warn(message: unknown, ...context: readonly unknown[]): void {
    this.logger.warn(textOf(message), fieldsOf(message, context));
  }

  error(message: unknown, ...context: readonly unknown[]): void {
    this.logger.error(textOf(message), fieldsOf(message, context));
  }

  fatal(message: unknown, ...context: readonly unknown[]): void {
    this.logger.error(textOf(message), fieldsOf(message, context));
  }

  debug(message: unknown, ...context: readonly unknown[]): void {
    this.logger.debug(textOf(message), fieldsOf(message, context));
  }

  verbose(message: unknown, ...context: readonly unknown[]): void {
    this.logger.debug(textOf(message), fieldsOf(message, context));
  }
}

function textOf(message: unknown): string {
  return message instanceof Error ? message.message : String(message);
}

// Nest appends the name of the caller, and before it a stack when it has one.
function fieldsOf(message: unknown, more: readonly unknown[]): Record<string, unknown> {
  const texts = more.filter((part) => typeof part === 'string');
  const stack = texts.find((text) => text.includes('\n'));
  const context = texts.findLast((text) => !text.includes('\n'));
  return {
    ...(message instanceof Error && { error: message }),
    ...(stack !== undefined && { stack }),
    ...(context !== undefined && { context }),
  };
}
