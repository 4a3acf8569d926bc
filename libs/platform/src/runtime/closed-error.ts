import { WorldError } from './world-error.js';

/** This process has closed it: nothing that tries again here may help, others may still have it open. */
export class ClosedError extends WorldError {
  constructor(what: string) {
    super(`${what} is closed`, 'never');
  }
}
