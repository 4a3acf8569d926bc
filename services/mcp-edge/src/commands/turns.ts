import type { Clock } from '@skynet/platform';

/** Commands whose answers are waited for at the same time: what is more waits its turn, not in the windows of these. */
const AT_ONCE = 128;

interface Waiting {
  readonly decide: (hasTurn: boolean) => void;
}

/** Turns of commands at the owner, first come first served. A burst is taken in as fast as it is answered. */
export class Turns {
  private underWay = 0;
  private answeredMs: number;
  private readonly waiting = new Set<Waiting>();

  constructor(
    private readonly clock: Clock,
    /** Without an answer to any command in this time, those that wait are told so. */
    private readonly silenceMs: number,
  ) {
    this.answeredMs = clock.monotonicMs();
  }

  /** Resolves with true when it is the command's turn, with false when nobody is answered any more. */
  enter(): Promise<boolean> {
    if (this.underWay < AT_ONCE) {
      this.underWay += 1;
      return Promise.resolve(true);
    }
    const sinceMs = this.clock.monotonicMs();
    return new Promise((resolve) => {
      let cancel = (): void => undefined;
      const waiting: Waiting = {
        decide: (hasTurn) => {
          cancel();
          this.waiting.delete(waiting);
          resolve(hasTurn);
        },
      };
      const watch = () => {
        const silentMs = this.clock.monotonicMs() - Math.max(sinceMs, this.answeredMs);
        if (silentMs >= this.silenceMs) return waiting.decide(false);
        cancel = this.clock.timer(this.silenceMs - silentMs, watch);
      };
      this.waiting.add(waiting);
      watch();
    });
  }

  /** Of a command whose turn it was. */
  leave(wasAnswered: boolean): void {
    if (wasAnswered) this.answeredMs = this.clock.monotonicMs();
    const [next] = this.waiting;
    if (next === undefined) this.underWay -= 1;
    else next.decide(true);
  }
}
