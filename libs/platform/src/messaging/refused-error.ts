import type { ErrorCode } from '@skynet/contracts';
import type { Rejection } from '@skynet/kernel';
import { WorldError } from '../runtime/world-error.js';

/**
 * Who serves a request says no to it, in words for the one who asked. Thrown where others return `Refused`: it crosses code
 * that hands an answer on and never looks into it.
 */
export class RefusedError extends WorldError {
  override readonly name = 'RefusedError';

  constructor(readonly rejection: Rejection<ErrorCode>) {
    super(rejection.message, 'never');
  }
}
