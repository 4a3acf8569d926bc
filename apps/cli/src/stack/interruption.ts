/** Ctrl-C and its relatives, from now until `release`. */
export interface Interruption {
  /** Aborted at the first signal. */
  readonly signal: AbortSignal;
  release(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** `onSecond` is called when a person, or a machine, does not want to wait for the end. */
export function listenForInterruption(onSecond: () => void): Interruption {
  const interrupted = new AbortController();
  const onSignal = () => {
    if (interrupted.signal.aborted) onSecond();
    else interrupted.abort();
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
