/** Time, so that tests can turn it by hand. */
export interface Clock {
  /** Epoch milliseconds; may step when the machine's clock is set. */
  nowMs(): number;
  /** Milliseconds since an arbitrary start; never steps back. Leases and time-outs are measured with it. */
  monotonicMs(): number;
  /** Calls once, `afterMs` from now; the returned function cancels. A pending timer keeps the process alive. */
  timer(afterMs: number, callback: () => void): () => void;
}

/** The machine's own time. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  timer: (afterMs, callback) => {
    const handle = setTimeout(callback, afterMs);
    return () => clearTimeout(handle);
  },
};

/** Resolves `ms` from now, or at once when the signal is or becomes aborted. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const onAbort = () => {
      cancel();
      resolve();
    };
    const cancel = clock.timer(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The outcome of the work; rejects with `late()` when it takes longer than `limitMs`. The work itself goes on. */
export function within<Result>(
  clock: Clock,
  limitMs: number,
  work: Promise<Result>,
  late: () => Error,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const cancel = clock.timer(limitMs, () => reject(late()));
    work.then(resolve, reject).finally(cancel);
  });
}
