import type { Clock } from '@skynet/platform';

/** A slot stays with a tree for so long, and for so many agents; then whoever waits may have it. */
const QUANTUM_MS = 2_000;
const QUANTUM_AGENTS = 32;

/** How much of its turn a tree has had on one slot. */
export class Quantum {
  private readonly endMs: number;
  private agents = 0;

  constructor(private readonly clock: Pick<Clock, 'monotonicMs'>) {
    this.endMs = clock.monotonicMs() + QUANTUM_MS;
  }

  /** One more agent has had the slot. */
  count(): void {
    this.agents += 1;
  }

  get isOver(): boolean {
    return this.agents >= QUANTUM_AGENTS || this.clock.monotonicMs() >= this.endMs;
  }
}
