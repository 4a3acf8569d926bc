import { WorldError } from '../runtime/world-error.js';

/** The stream is full or not there: nothing was stored, the same message may be sent again later. */
export class OverloadedError extends WorldError {
  override readonly name = 'OverloadedError';

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, 'later', options);
  }
}
