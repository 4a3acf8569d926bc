import type { Clock } from '@skynet/platform';
import { PARTS } from './heard-time.js';

/** Commands whose answers are waited for at the same time: what is more waits its turn, not in the windows of these. */
const AT_ONCE = 128;

interface Waiting {
  readonly sinceLook: number;
  readonly decide: (hasTurn: boolean) => void;
}

/** Turns of commands at the owner, first come first served. A burst is taken in as fast as it is answered. */
export class Turns {
  private underWay = 0;
  /** Silence is counted by looks, between which this process has read what has come. */
  private looks = 0;
  private answeredLook = 0;
  private isLooking = false;
  private readonly waiting = new Set<Waiting>();

  constructor(
    private readonly clock: Clock,
    /** Without an answer to any command in this time, those that wait are told so. */
    private readonly silenceMs: number,
  ) {}

  /** Resolves with true when it is the command's turn, with false when nobody is answered any more. */
  enter(): Promise<boolean> {
    if (this.underWay < AT_ONCE) {
      this.underWay += 1;
      return Promise.resolve(true);
    }
    return new Promise((decide) => {
      this.waiting.add({ sinceLook: this.looks, decide });
      if (!this.isLooking) this.lookLater();
    });
  }

  /** Of a command whose turn it was. */
  leave(wasAnswered: boolean): void {
    if (wasAnswered) this.answeredLook = this.looks;
    const [next] = this.waiting;
    if (next === undefined) {
      this.underWay -= 1;
      return;
    }
    this.waiting.delete(next);
    next.decide(true);
  }

  private lookLater(): void {
    this.isLooking = true;
    this.clock.timer(this.silenceMs / PARTS, () => this.look());
  }

  private look(): void {
    this.looks += 1;
    for (const each of this.waiting) {
      if (this.looks - Math.max(each.sinceLook, this.answeredLook) < PARTS) continue;
      this.waiting.delete(each);
      each.decide(false);
    }
    this.isLooking = false;
    if (this.waiting.size > 0) this.lookLater();
  }
}
