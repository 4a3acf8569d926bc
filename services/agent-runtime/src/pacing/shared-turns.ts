import type { Clock } from '@skynet/platform';

/** A tenant that has begun nothing for so long does not keep others back. */
const SEEN_MS = 250;

interface Line {
  running: number;
  seenMs: number;
  readonly waiting: (() => void)[];
}

/**
 * Lets work of one tenant run as it comes; while others have some, too, so many pieces at the same time in all, each tenant an
 * equal part of them. What has much to do then leaves the process free for what has little.
 */
export class SharedTurns {
  private readonly lines = new Map<string, Line>();

  constructor(
    private readonly atOnce: number,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
  ) {}

  async run<Result>(tenant: string, work: () => Promise<Result>): Promise<Result> {
    const line = this.lineOf(tenant);
    line.seenMs = this.clock.monotonicMs();
    if (line.running < this.share()) line.running += 1;
    else await new Promise<void>((resolve) => line.waiting.push(resolve));
    try {
      return await work();
    } finally {
      // What has come meanwhile is read first.
      setImmediate(() => this.passOn(line));
    }
  }

  private lineOf(tenant: string): Line {
    const known = this.lines.get(tenant);
    if (known !== undefined) return known;
    const line: Line = { running: 0, seenMs: 0, waiting: [] };
    this.lines.set(tenant, line);
    return line;
  }

  private passOn(line: Line): void {
    line.running -= 1;
    const share = this.share();
    while (line.running < share) {
      const begin = line.waiting.shift();
      if (begin === undefined) return;
      line.running += 1;
      begin();
    }
  }

  /** Pieces of work that a tenant may have under way. */
  private share(): number {
    const oldestMs = this.clock.monotonicMs() - SEEN_MS;
    let tenants = 0;
    for (const [tenant, { running, seenMs, waiting }] of this.lines) {
      if (seenMs >= oldestMs || waiting.length > 0) tenants += 1;
      else if (running === 0) this.lines.delete(tenant);
    }
    return tenants <= 1 ? Infinity : Math.max(1, Math.floor(this.atOnce / tenants));
  }
}
