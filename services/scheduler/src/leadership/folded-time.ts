import { streamNames } from '@skynet/contracts';
import { WorldError, type Clock, type EventStore, type Position } from '@skynet/platform';

export interface FoldedTimeDependencies {
  readonly store: Pick<EventStore, 'head' | 'comparePositions'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

interface Wait {
  readonly target: Position;
  readonly reached: () => void;
}

/** Until when everything that the log held is folded: what has run out by the clock may stand in what is not read yet. */
export class FoldedTime {
  private waits: readonly Wait[] = [];
  private folded: Position | undefined;
  private foldedMs = -Infinity;
  private isLooking = false;

  constructor(private readonly deps: FoldedTimeDependencies) {}

  /** Monotonic milliseconds. */
  get ms(): number {
    return this.foldedMs;
  }

  /**
   * Resolves when everything that the log holds now is folded.
   *
   * @throws WorldError when the store does not say where the log ends
   */
  async catchUp(): Promise<void> {
    const { clock, store } = this.deps;
    const nowMs = clock.monotonicMs();
    const target = await store.head(streamNames.agentPrefix);
    if (target !== undefined && !this.isFolded(target)) {
      const { promise, resolve: reached } = Promise.withResolvers<void>();
      this.waits = [...this.waits, { target, reached }];
      await promise;
    }
    this.foldedMs = Math.max(this.foldedMs, nowMs);
  }

  /** As `catchUp`, one at a time; whether it came about: a store that is away is asked again with the next look. */
  async look(): Promise<boolean> {
    if (this.isLooking) return false;
    this.isLooking = true;
    try {
      await this.catchUp();
      return true;
    } catch (error) {
      if (!(error instanceof WorldError)) throw error;
      return false;
    } finally {
      this.isLooking = false;
    }
  }

  /** All up to there is folded now. */
  noteFolded(position: Position): void {
    this.folded = position;
    if (this.waits.length === 0) return;
    const over = this.waits.filter(({ target }) => this.isFolded(target));
    this.waits = this.waits.filter((wait) => !over.includes(wait));
    for (const { reached } of over) reached();
  }

  private isFolded(target: Position): boolean {
    return this.folded !== undefined && this.deps.store.comparePositions(this.folded, target) >= 0;
  }
}
