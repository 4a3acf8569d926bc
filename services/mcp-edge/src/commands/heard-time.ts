import type { Clock } from '@skynet/platform';

/** Parts of a time to wait, between which this process reads what has come. */
export const PARTS = 4;

/**
 * Calls back when nothing has cancelled it for so long. A process that is kept busy for seconds calls its timers before it
 * reads answers that have come long ago: of such a turn only a part counts.
 */
export function heardTimer(clock: Clock, afterMs: number, callback: () => void): () => void {
  let left = PARTS;
  let cancel = (): void => undefined;
  const next = (): void => {
    left -= 1;
    if (left < 0) return callback();
    cancel = clock.timer(afterMs / PARTS, next);
  };
  next();
  return () => cancel();
}
