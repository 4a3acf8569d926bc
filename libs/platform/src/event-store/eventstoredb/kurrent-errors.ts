import {
  AccessDeniedError,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  StreamNotFoundError,
  UnavailableError,
  WrongExpectedVersionError,
} from '@kurrent/kurrentdb-client';
import { WorldError } from '../../runtime/world-error.js';

/** The server did what it was asked and this is its answer. */
export function isAnswer(error: unknown): boolean {
  return error instanceof WrongExpectedVersionError || error instanceof StreamNotFoundError;
}

/** The server could not be reached, or did not answer. */
export function isLost(error: unknown): boolean {
  return (
    error instanceof UnavailableError || (error instanceof WorldError && error.retry === 'later')
  );
}

/**
 * The error of a call to EventStoreDB. A server that is away, slow, elected anew or in trouble of an unknown kind may
 * do better later.
 */
export function worldErrorOf(what: string, error: unknown): WorldError {
  if (error instanceof WorldError) return error;
  if (error instanceof StreamDeletedError) return never(`${what}: the stream was deleted`, error);
  if (error instanceof AccessDeniedError)
    return never(`${what}: EventStoreDB denies access`, error);
  if (error instanceof MaxAppendSizeExceededError) {
    const { maxAppendSize } = error;
    return never(`${what}: over the ${maxAppendSize} bytes that the server takes at once`, error);
  }
  return new WorldError(`${what}: EventStoreDB can't do it now`, 'later', { cause: error });
}

function never(message: string, cause: unknown): WorldError {
  return new WorldError(message, 'never', { cause });
}
