import { backoffMs } from '../../runtime/backoff.js';

const BOUNDS = { firstMs: 50, longestMs: 5_000 };

/** Counts failures in a row. */
export class Backoff {
  #failures = 0;

  nextMs(): number {
    return backoffMs(this.#failures++, BOUNDS);
  }

  /** After a success the next pause is short again. */
  reset(): void {
    this.#failures = 0;
  }
}
