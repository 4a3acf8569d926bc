import type { Clock } from '@skynet/platform';

export interface RetryPolicy {
  /** Tries of one model call in all. */
  readonly maxAttempts: number;
}

const BASE_MS = 250;
const MAX_MS = 30_000;

/** Exponential backoff with full jitter, after Brooker, "Exponential Backoff And Jitter" (AWS, 2015). */
export function retryDelayMs(tries: number, chance: () => number = Math.random): number {
  return Math.round(Math.min(MAX_MS, BASE_MS * 2 ** tries) * (0.5 + chance() / 2));
}

/** Waits, or returns at once when the signal is or becomes aborted. */
export function pauseUnlessAborted(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const onAbort = () => {
      cancel();
      resolve();
    };
    const cancel = clock.timer(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
