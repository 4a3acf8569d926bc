import type { Clock } from '@skynet/platform';

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Time that moves only by `advance`. */
export class ManualClock implements Clock {
  readonly #timers = new Set<Timer>();
  #elapsedMs = 0;

  /** `startMs`: epoch milliseconds; default: the first moment of 2026. */
  constructor(private readonly startMs = Date.UTC(2026, 0, 1)) {}

  nowMs(): number {
    return this.startMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  timer(afterMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#elapsedMs + afterMs, callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Moves on and calls every timer that falls due, in order; what they start in memory has run when it resolves. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#elapsedMs + ms;
    await settled();
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#timers.delete(next);
      this.#elapsedMs = next.dueMs;
      next.callback();
      await settled();
    }
    this.#elapsedMs = endMs;
  }

  /** Passes in one turn of an event loop that was busy: what had fallen due is called late, once. */
  stall(ms: number): void {
    this.#elapsedMs += ms;
    const due = [...this.#timers].filter(({ dueMs }) => dueMs <= this.#elapsedMs);
    for (const timer of due.sort((a, b) => a.dueMs - b.dueMs)) {
      if (this.#timers.delete(timer)) timer.callback();
    }
  }

  #next(untilMs: number): Timer | undefined {
    const due = [...this.#timers].filter((timer) => timer.dueMs <= untilMs);
    return due.sort((a, b) => a.dueMs - b.dueMs)[0];
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
