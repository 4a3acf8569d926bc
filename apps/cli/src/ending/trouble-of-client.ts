import {
  AdminRefused,
  Refused,
  ServerError,
  type ServerErrorCode,
  TokenRefused,
} from '@skynet/client';
import { errorCodes, retryableCodes } from '@skynet/contracts';
import { exitCodes, Trouble } from './trouble.js';

/** What to do about it at a command line. */
const nextOf: Readonly<Record<ServerErrorCode, string | undefined>> = {
  EDGE_AWAY: 'Start it with "npm start", or name another one with --url and --token.',
  EDGE_SILENT: undefined,
  EDGE_UNAUTHORIZED: 'Start the stack again for a new token, or name another one.',
  EDGE_RATE_LIMITED: errorCodes.RATE_LIMITED,
  EDGE_FAILED: undefined,
  AUTH_AWAY: 'Does the stack run? "npm start" starts it.',
  AUTH_OTHER: 'Is another program on its port? "skynet doctor" says what is there.',
};

const BAD_REQUEST = 400;

/** The words and the exit code for what a call to a server came to; undefined when the error is of something else. */
export function troubleOfClient(error: unknown): Trouble | undefined {
  if (error instanceof ServerError) {
    return new Trouble(error.message, { next: nextOf[error.code], cause: error });
  }
  if (error instanceof Refused) {
    const { message, next } = error;
    return new Trouble(message, { next, exitCode: exitCodeOf(error), cause: error });
  }
  if (error instanceof AdminRefused) {
    const { message, next, status } = error;
    const exitCode = status === BAD_REQUEST ? exitCodes.usage : exitCodes.refused;
    return new Trouble(message, { next, exitCode, cause: error });
  }
  if (error instanceof TokenRefused) return new Trouble(error.message, { cause: error });
  return undefined;
}

function exitCodeOf({ code }: Refused): number {
  if (code === 'INVALID_ARGUMENTS') return exitCodes.usage;
  return retryableCodes.has(code) ? exitCodes.trouble : exitCodes.refused;
}
