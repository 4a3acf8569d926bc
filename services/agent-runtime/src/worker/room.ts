/** So many agents fit into a process at the same time. */
export class Room {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(readonly places: number) {
    this.free = places;
  }

  /** False when it is full, or others wait. */
  tryEnter(): boolean {
    if (this.free === 0) return false;
    this.free -= 1;
    return true;
  }

  /** Resolves when there is a place, in the order of calls. */
  async enter(): Promise<void> {
    if (this.tryEnter()) return;
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  leave(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.free += 1;
    else next();
  }
}
