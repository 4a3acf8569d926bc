import {
  AccessDeniedError,
  MaxAppendSizeExceededError,
  NotLeaderError,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@kurrent/kurrentdb-client';
import { WorldError } from '../../runtime/world-error.js';

/** The server did what it was asked and this is its answer. */
export function isAnswer(error: unknown): boolean {
  return error instanceof WrongExpectedVersionError || error instanceof StreamNotFoundError;
}

/** The server could not be found, reached, or did not answer: who made the call may have to be replaced. */
export function isLost(error: unknown): boolean {
  // The client goes to the leader that it was told by itself.
  if (isAnswer(error) || error instanceof NotLeaderError) return false;
  return worldErrorOf('a call', error).retry === 'later';
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
