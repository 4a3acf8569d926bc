/** What the product has told its clients: it must stand by it. */
export class Ledger {
  /** Agents that were named in answers to spawns with this key. */
  readonly acknowledged = new Map<string, Set<string>>();
  /** How an agent had ended, as a client was told. */
  readonly ends = new Map<string, string>();
  /** Times of the newest events that clients were shown of an agent, ISO 8601. */
  readonly shown = new Map<string, Set<string>>();
  /** Answers that should never be given, and how often they were. */
  readonly odd = new Map<string, number>();
  /** Spawns that were refused for good. */
  readonly refused: string[] = [];

  acknowledge(mark: string, agentId: string): void {
    const agents = this.acknowledged.get(mark) ?? new Set();
    this.acknowledged.set(mark, agents.add(agentId));
  }

  show(agentId: string, updatedAt: string): void {
    const times = this.shown.get(agentId) ?? new Set();
    this.shown.set(agentId, times.add(updatedAt));
  }

  countOdd(tool: string, what: string): void {
    const text = `${tool}: ${what.slice(0, 200)}`;
    this.odd.set(text, (this.odd.get(text) ?? 0) + 1);
  }
}
