import { backoffMs, type Clock } from '@skynet/platform';

/** Failures in a row that open it. */
const FAILURES_TO_OPEN = 5;
/** How long it stays open the first time, and at most. */
const OPEN = { firstMs: 2_000, longestMs: 60_000 };
/** No provider keeps all calls back for longer by what it asks for. */
const LONGEST_PAUSE_MS = 600_000;

/** How calls of a provider fare. */
export type CircuitState = 'called' | 'failures' | 'retry-after';

/** Keeps calls back from a provider that fails, or that has asked to be left alone, until a single one has gone well. */
export class CircuitBreaker {
  /** Failures since the last answer. */
  private failures = 0;
  /** Times it was opened since. */
  private openings = 0;
  private openUntilMs = -Infinity;
  private pausedUntilMs = -Infinity;
  private isProbing = false;
  private isOpen = false;
  /** Why the last call that failed did. */
  private latest = '';
  private wakeAll: (() => void)[] = [];

  constructor(
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly chance?: () => number,
  ) {}

  /** Whether it is called, or what keeps calls back; a first call that tries keeps back the others. */
  get state(): CircuitState {
    if (this.clock.monotonicMs() < this.pausedUntilMs) return 'retry-after';
    return this.isOpen ? 'failures' : 'called';
  }

  /** Empty when none has. */
  get lastFailure(): string {
    return this.latest;
  }

  /** Milliseconds until a call may be tried; infinite while one is under way that will tell. */
  get waitMs(): number {
    const nowMs = this.clock.monotonicMs();
    const untilMs = Math.max(this.pausedUntilMs, this.isOpen ? this.openUntilMs : -Infinity);
    if (untilMs > nowMs) return untilMs - nowMs;
    return this.isOpen && this.isProbing ? Infinity : 0;
  }

  /** Whether a call may be made now. Each that may must be told the outcome of. */
  tryEnter(): boolean {
    if (this.waitMs > 0) return false;
    if (this.isOpen) this.isProbing = true;
    return true;
  }

  /** The provider has answered, be it with a refusal. */
  answered(): void {
    this.failures = 0;
    this.openings = 0;
    this.isOpen = false;
    this.probed();
  }

  /** The provider did not do what it is there for. */
  failed(reason: string): void {
    this.latest = reason;
    this.failures += 1;
    // What was under way when it opened tells nothing new.
    const isNews = !this.isOpen || this.isProbing;
    if (isNews && this.failures >= FAILURES_TO_OPEN) {
      this.isOpen = true;
      const openMs = backoffMs(this.openings, OPEN, this.chance);
      this.openUntilMs = this.clock.monotonicMs() + openMs;
      this.openings += 1;
    }
    this.probed();
  }

  /** Nobody knows what would have become of the call. */
  abandoned(): void {
    this.probed();
  }

  /** The provider asks to be left alone for so long. */
  pause(ms: number): void {
    const untilMs = this.clock.monotonicMs() + Math.min(ms, LONGEST_PAUSE_MS);
    this.pausedUntilMs = Math.max(this.pausedUntilMs, untilMs);
  }

  /** Calls once, at the next outcome of a call; the returned function cancels. */
  onOutcome(listener: () => void): () => void {
    this.wakeAll.push(listener);
    return () => {
      this.wakeAll = this.wakeAll.filter((each) => each !== listener);
    };
  }

  private probed(): void {
    this.isProbing = false;
    const listeners = this.wakeAll;
    this.wakeAll = [];
    for (const listener of listeners) listener();
  }
}
