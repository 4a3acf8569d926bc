import { applyDecorators, Catch, UseFilters, type ExceptionFilter } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { throwError, type Observable } from 'rxjs';

/** Transport of durable messages; `@EventPattern(subject, JETSTREAM)` binds a handler to it. */
export const JETSTREAM = Symbol('JETSTREAM');

/** Hands errors to the transport as they are; Nest would make each an "Internal server error" without `retry`. */
@Catch()
class KeepErrors implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/**
 * Marks a controller's method as the handler of a subject. Its `@Payload()` is decoded JSON, its `@Ctx()` a
 * JetStreamContext. A throw means: try again later; a WorldError `retry: 'never'` means: never.
 */
export function OnMessage(subject: string): MethodDecorator {
  return applyDecorators(EventPattern<string>(subject, JETSTREAM), UseFilters(KeepErrors));
}
