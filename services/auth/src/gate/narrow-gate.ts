import { OverloadedError } from '@skynet/platform';

/** Lets a few through at the same time, some wait, the others are turned away: for what strangers can make us do. */
export class NarrowGate {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly atOnce: number,
    private readonly mostWaiting: number,
  ) {}

  /** @throws OverloadedError when too many are waiting */
  async pass<Outcome>(work: () => Promise<Outcome>): Promise<Outcome> {
    if (this.running >= this.atOnce) {
      if (this.waiting.length >= this.mostWaiting) throw new OverloadedError('too many at once');
      // Who leaves hands its place over.
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
      });
    } else this.running += 1;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.running -= 1;
      else next();
    }
  }
}
