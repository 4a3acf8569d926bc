import { systemClock, within, type Clock } from './clock.js';
import type { Logger } from './logger.js';

/** Closes what a process has opened, in reverse order of opening. */
export interface Shutdown {
  /** Adds a step that runs before all steps added earlier. */
  add(name: string, close: () => Promise<void> | void): void;
  /**
   * Runs the steps one after the other; a failing step is logged and does not keep the others from running. Only the
   * first call starts it, later ones share its result: true when every step ended well within the limit.
   */
  run(reason: string): Promise<boolean>;
}

export interface ShutdownOptions {
  readonly log: Logger;
  /** For all steps together, milliseconds. Default: 10,000. */
  readonly limitMs?: number;
  readonly clock?: Clock;
}

/** The steps by which one process ends. */
export function createShutdown(options: ShutdownOptions): Shutdown {
  const { log, limitMs = 10_000, clock = systemClock } = options;
  const steps: { name: string; close: () => Promise<void> | void }[] = [];
  let running: Promise<boolean> | undefined;

  async function closeAll(): Promise<boolean> {
    let clean = true;
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      try {
        await step.close();
      } catch (error) {
        clean = false;
        log.error('shutdown step failed', { step: step.name, error });
      }
    }
    return clean;
  }

  async function closeWithinLimit(reason: string): Promise<boolean> {
    log.info('shutting down', { reason });
    const late = () => new Error(`not done after ${limitMs} ms`);
    return within(clock, limitMs, closeAll(), late).catch((error: unknown) => {
      log.error('shutdown took too long', { error });
      return false;
    });
  }

  return {
    add: (name, close) => steps.push({ name, close }),
    run: (reason) => (running ??= closeWithinLimit(reason)),
  };
}

/**
 * Ends the process with code 0 after a clean shutdown on SIGINT or SIGTERM, with 1 otherwise, and at once on the second
 * signal. For main.ts only.
 */
export function shutDownOnSignals(shutdown: Shutdown): void {
  let signalled = false;
  const end = (signal: NodeJS.Signals) => {
    if (signalled) process.exit(1);
    signalled = true;
    void shutdown.run(signal).then((clean) => process.exit(clean ? 0 : 1));
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
}
