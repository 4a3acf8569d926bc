interface Timer {
  readonly dueMs: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

/** The machine's own, whatever stands in its place later. */
const { setImmediate: soon } = globalThis;

/** Timers at one moment, more than any work takes: each makes the next. */
const MOST_AT_ONE_MOMENT = 20_000;

/** Between two turns of the event loop, in which Node reports rejections that nobody handled. */
const TIMERS_A_TURN = 32;

/** Some seconds before a full minute, at which schedules tick. */
const START_MS = Date.UTC(2026, 0, 1, 0, 0, 54);

/** Time does not go on, for there is always something left to do. */
export class StandstillError extends Error {
  constructor(elapsedMs: number) {
    super(`time stands still at ${elapsedMs.toFixed(0)} ms`);
  }
}

/** The one clock of a simulation: it moves to the next timer when nothing is left to do at this moment. */
export class VirtualTime {
  private readonly heap: Timer[] = [];
  private elapsed = 0;
  private order = 0;
  private called = 0;
  private calledAtOnce = 0;

  /** Since the start. */
  get elapsedMs(): number {
    return this.elapsed;
  }

  get nowMs(): number {
    return START_MS + this.elapsed;
  }

  /** Calls once; the returned function cancels. */
  after(ms: number, callback: () => void): () => void {
    this.order += 1;
    const asked = this.elapsed + Math.max(0, ms);
    // A rest of a float, too small to move the clock: no real timer is shorter than a millisecond.
    const dueMs = ms > 0 && asked === this.elapsed ? this.elapsed + 1 : asked;
    const timer: Timer = { dueMs, order: this.order, callback };
    this.push(timer);
    return () => {
      timer.callback = undefined;
    };
  }

  /**
   * Calls every timer that falls due by then, in order, until it is over or `isOver`.
   *
   * @throws StandstillError when it does not get there
   */
  async run(untilMs: number, isOver: () => boolean = () => false): Promise<void> {
    await settled();
    while (!isOver()) {
      const next = this.heap[0];
      if (next === undefined || next.dueMs > untilMs) {
        this.elapsed = Math.max(this.elapsed, untilMs);
        return settled();
      }
      this.pop();
      if (next.callback === undefined) continue;
      this.moveTo(next.dueMs);
      next.callback();
      this.called += 1;
      await (this.called % TIMERS_A_TURN === 0 ? settled() : idle());
    }
  }

  private moveTo(dueMs: number): void {
    this.calledAtOnce = dueMs === this.elapsed ? this.calledAtOnce + 1 : 0;
    if (this.calledAtOnce > MOST_AT_ONE_MOMENT) throw new StandstillError(dueMs);
    this.elapsed = dueMs;
  }

  private push(timer: Timer): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, timer)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = timer;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (left === undefined) break;
      if (right !== undefined && isBefore(right, left)) child += 1;
      const smallest = heap[child];
      if (smallest === undefined || isBefore(last, smallest)) break;
      heap[at] = smallest;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

/** As `settled`, where only promises can go on; it takes less time. */
function idle(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** Resolves when everything that could go on at this moment has. */
function settled(): Promise<void> {
  return new Promise((resolve) => soon(resolve));
}
