/** Ctrl-C and its relatives, from now until `release`. */
export interface Interruption {
  /** Aborted at the first signal. */
  readonly signal: AbortSignal;
  release(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A terminal signals the whole group, and npm and the bootstrap pass on what they get: all that is one Ctrl-C. */
const ONE_MS = 1_000;

/** `onSecond` is called when a person, or a machine, does not want to wait for the end. `now`: ms that only rise. */
export function listenForInterruption(
  onSecond: () => void,
  now: () => number = () => performance.now(),
): Interruption {
  const interrupted = new AbortController();
  let firstMs = 0;
  const onSignal = () => {
    if (!interrupted.signal.aborted) {
      firstMs = now();
      interrupted.abort();
    } else if (now() - firstMs > ONE_MS) onSecond();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    signal: interrupted.signal,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}

/** Resolves when the signal is, or becomes, aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
