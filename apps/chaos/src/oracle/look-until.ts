export interface LookingAgain {
  /** A look that was begun later than this is the last one. Milliseconds from the first. */
  readonly limitMs: number;
  readonly nowMs: () => number;
  readonly pause: () => Promise<void>;
}

/**
 * Looks until it sees all right. A look takes a while, and what it saw first may have changed at its end: only one that
 * was begun after the limit tells that something stays wrong.
 */
export async function lookUntil(
  look: () => Promise<boolean>,
  { limitMs, nowMs, pause }: LookingAgain,
): Promise<void> {
  const giveUpMs = nowMs() + limitMs;
  for (;;) {
    const isLast = nowMs() > giveUpMs;
    if ((await look()) || isLast) return;
    await pause();
  }
}
