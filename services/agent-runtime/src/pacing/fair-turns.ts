/**
 * Lets so many pieces of work run at the same time, those of one tenant after those of the others; between two of them
 * the process reads what has come. Work that does not wait begins at once.
 */
export class FairTurns {
  private running = 0;
  /** Tenants in the order of their next turns. */
  private readonly waiting = new Map<string, (() => void)[]>();

  constructor(private readonly atOnce: number) {}

  async run<Result>(tenant: string, work: () => Promise<Result>): Promise<Result> {
    if (this.running < this.atOnce) this.running += 1;
    else await this.turnOf(tenant);
    try {
      return await work();
    } finally {
      setImmediate(() => this.passOn());
    }
  }

  private turnOf(tenant: string): Promise<void> {
    return new Promise((resolve) => {
      const line = this.waiting.get(tenant);
      if (line === undefined) this.waiting.set(tenant, [resolve]);
      else line.push(resolve);
    });
  }

  private passOn(): void {
    const [next] = this.waiting;
    if (next === undefined) {
      this.running -= 1;
      return;
    }
    const [tenant, line] = next;
    this.waiting.delete(tenant);
    const begin = line.shift();
    if (line.length > 0) this.waiting.set(tenant, line);
    begin?.();
  }
}
