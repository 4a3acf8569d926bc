import { SdkError, SdkErrorCode } from '@modelcontextprotocol/client';
import type { Clock } from '@skynet/platform';

/** How long a call may take, milliseconds. */
export interface CallTimes {
  /** Without a word of the server. */
  readonly idleMs: number;
  /** With all its words, at least `idleMs`. */
  readonly mostMs: number;
}

/** A signal that follows another one, and aborts when the server says nothing for too long or the whole call takes too long. */
export class CallLimit {
  private readonly abort = new AbortController();
  private readonly follow = () => this.abort.abort(this.outer.reason);
  private startMs: number;
  private holds = 0;
  private isEnded = false;
  private lastMs: number;
  private cancelTimer: () => void = () => undefined;

  constructor(
    private readonly clock: Clock,
    private readonly times: CallTimes,
    private readonly outer: AbortSignal,
  ) {
    this.startMs = this.lastMs = clock.monotonicMs();
    this.wait();
    outer.addEventListener('abort', this.follow, { once: true });
    if (outer.aborted) this.follow();
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** The server has said something of the call. */
  heard(): void {
    this.lastMs = this.clock.monotonicMs();
  }

  /** The time of the work does not count. */
  async without<Result>(work: () => Promise<Result>): Promise<Result> {
    const startMs = this.clock.monotonicMs();
    this.holds += 1;
    this.cancelTimer();
    try {
      return await work();
    } finally {
      this.holds -= 1;
      this.heard();
      this.startMs += this.clock.monotonicMs() - startMs;
      if (this.holds === 0 && !this.isEnded) this.wait();
    }
  }

  /** Leaves nothing behind at timer and signal. */
  end(): void {
    this.isEnded = true;
    this.cancelTimer();
    this.outer.removeEventListener('abort', this.follow);
  }

  /** A timer for each word would be one for each message of a flood. */
  private wait(): void {
    const { idleMs, mostMs } = this.times;
    const endMs = Math.min(this.lastMs + idleMs, this.startMs + mostMs);
    const leftMs = endMs - this.clock.monotonicMs();
    if (leftMs <= 0) this.abort.abort(overAfter(this.lastMs + idleMs > endMs ? mostMs : idleMs));
    else this.cancelTimer = this.clock.timer(Math.ceil(leftMs), () => this.wait());
  }
}

function overAfter(ms: number): SdkError {
  return new SdkError(SdkErrorCode.RequestTimeout, 'Request timed out', { timeout: ms });
}
