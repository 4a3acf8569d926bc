const FIRST_MS = 50;
const LONGEST_MS = 5_000;

/** Pauses between tries that double, each cut by up to a half at random so that many clients do not come back at once. */
export class Backoff {
  #failures = 0;

  nextMs(): number {
    const pauseMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    return pauseMs * (1 - Math.random() / 2);
  }

  /** After a success the next pause is short again. */
  reset(): void {
    this.#failures = 0;
  }
}
