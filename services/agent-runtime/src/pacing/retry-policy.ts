import { backoffMs, sleep, type Clock } from '@skynet/platform';

export interface RetryPolicy {
  /** Tries of one model call in all. */
  readonly maxAttempts: number;
}

const BOUNDS = { firstMs: 250, longestMs: 30_000 };

/** Exponential backoff with jitter, after Brooker, "Exponential Backoff And Jitter" (AWS, 2015). */
export function retryDelayMs(tries: number, chance?: () => number): number {
  return backoffMs(tries, BOUNDS, chance);
}

/** Waits, or returns at once when the signal is or becomes aborted. */
export function pauseUnlessAborted(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return sleep(clock, ms, signal);
}
