import type { ExpectedRevision } from './event-store.port.js';

/** Somebody else appended first: read the new tail and decide again. */
export class WrongExpectedRevisionError extends Error {
  override readonly name = 'WrongExpectedRevisionError';

  constructor(
    readonly stream: string,
    readonly expected: ExpectedRevision,
    readonly actual: ExpectedRevision,
  ) {
    super(`${stream} is at ${actual}, expected ${expected}`);
  }
}
