import type { Clock } from '@skynet/platform';

/** One object for all, since making an error costs a stack trace. */
const TIME_OVER = new Error('the time is over');

/** A signal that follows another one and aborts by itself when the time is over. */
export class TimeLimit {
  private readonly abort = new AbortController();
  private readonly follow = () => this.abort.abort(this.outer.reason);
  private readonly cancelTimer: () => void;

  constructor(
    clock: Clock,
    ms: number,
    private readonly outer: AbortSignal,
  ) {
    this.cancelTimer = clock.timer(ms, () => this.abort.abort(TIME_OVER));
    outer.addEventListener('abort', this.follow, { once: true });
    if (outer.aborted) this.follow();
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** The time was over, and nobody else had given up. */
  get isOver(): boolean {
    return this.abort.signal.aborted && !this.outer.aborted;
  }

  /** Leaves nothing behind at timer and signal. */
  end(): void {
    this.cancelTimer();
    this.outer.removeEventListener('abort', this.follow);
  }
}
