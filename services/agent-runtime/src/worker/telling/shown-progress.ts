import type { Clock } from '@skynet/platform';
import type { ToolProgress } from '../../tools/tool-server.port.js';

/** What a call tells is shown no more often. */
const EVERY_MS = 5_000;
/** Of one call; each is an event of the agent. */
const MOST = 200;

/** Shows what the server of one call tells of its progress: the newest, where it is another one than before. */
export class ShownProgress {
  private shown: ToolProgress | undefined;
  private next: ToolProgress | undefined;
  private count = 0;
  private nextMs = 0;
  private cancelTimer: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly show: (progress: ToolProgress) => void,
  ) {}

  tell(progress: ToolProgress): void {
    this.next = progress;
    const leftMs = this.nextMs - this.clock.monotonicMs();
    if (leftMs <= 0) this.showNext();
    else this.cancelTimer ??= this.clock.timer(leftMs, () => this.showNext());
  }

  /** The call is over: nothing is shown any more. */
  end(): void {
    this.count = MOST;
    this.cancelTimer?.();
  }

  private showNext(): void {
    this.cancelTimer = undefined;
    const { next, shown } = this;
    const isSame = next?.message === shown?.message && next?.percent === shown?.percent;
    if (next === undefined || isSame || this.count >= MOST) return;
    this.nextMs = this.clock.monotonicMs() + EVERY_MS;
    this.count += 1;
    this.shown = next;
    this.show(next);
  }
}
