/** A tenant that waits for a slot. */
export interface Contender {
  readonly name: string;
  readonly weight: number;
  /** Slots held. */
  readonly held: number;
  /** Of those that have waited equally long, the one served longest ago is next. */
  readonly servedAt: number;
}

/**
 * Weighted turns, as in start-time fair queueing: a slot costs its tenant 1/weight of virtual time, which is where the one
 * of those waiting is that has had the least. Who comes back owes what it had; who was away has saved nothing.
 */
export class WeightedTurns {
  private virtualTime = 0;
  /** Of tenants that have had more than others. */
  private readonly paidUntil = new Map<string, number>();

  /** Of those below their weighted share of the slots that they hold together, and of the next, the one that has had the least. */
  next<Of extends Contender>(contenders: readonly Of[]): Of | undefined {
    const slots = contenders.reduce((sum, { held }) => sum + held, 1);
    const weights = contenders.reduce((sum, { weight }) => sum + weight, 0);
    let best: Of | undefined;
    for (const contender of contenders) {
      if (contender.held * weights >= slots * contender.weight) continue;
      if (best === undefined || this.isBefore(contender, best)) best = contender;
    }
    return best;
  }

  given({ name, weight }: Contender, contenders: readonly Contender[]): void {
    const leastHad = Math.min(...contenders.map((each) => this.startOf(each.name)));
    const paidUntil = this.startOf(name) + 1 / weight;
    this.virtualTime = Math.max(this.virtualTime, leastHad);
    this.paidUntil.set(name, paidUntil);
    for (const [each, until] of this.paidUntil) {
      if (until <= this.virtualTime) this.paidUntil.delete(each);
    }
  }

  private isBefore(a: Contender, b: Contender): boolean {
    const [startOfA, startOfB] = [this.startOf(a.name), this.startOf(b.name)];
    return startOfA === startOfB ? a.servedAt < b.servedAt : startOfA < startOfB;
  }

  private startOf(name: string): number {
    return Math.max(this.virtualTime, this.paidUntil.get(name) ?? 0);
  }
}
