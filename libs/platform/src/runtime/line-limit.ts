import type { Clock } from './clock.js';

const WINDOW_MS = 10_000;
const TEXTS_KEPT = 1_000;

interface Window {
  readonly startMs: number;
  lines: number;
  dropped: number;
}

/** How many lines of one text are written: what happens a thousand times in ten seconds is told by some of them and a count. */
export class LineLimit {
  private readonly windows = new Map<string, Window>();

  constructor(
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly most: number,
  ) {}

  /** How many lines of this text were dropped since the last one that was written; undefined: this one is dropped, too. */
  take(text: string): number | undefined {
    const nowMs = this.clock.monotonicMs();
    const known = this.windows.get(text);
    const isOver = known === undefined || nowMs - known.startMs >= WINDOW_MS;
    const window = isOver ? this.begin(text, nowMs) : known;
    if (window.lines >= this.most) {
      window.dropped += 1;
      return undefined;
    }
    window.lines += 1;
    return isOver ? (known?.dropped ?? 0) : 0;
  }

  private begin(text: string, startMs: number): Window {
    if (this.windows.size >= TEXTS_KEPT) this.windows.clear();
    const window = { startMs, lines: 0, dropped: 0 };
    this.windows.set(text, window);
    return window;
  }
}
