/**
 * One delivery of a work item. The item comes back when neither acked nor extended within the lease. What a holder answers
 * counts also when the item is with another one by then: an ack is final, a nak has it delivered once more.
 */
export interface WorkItem {
  readonly subject: string;
  /** Decoded JSON, not yet validated. */
  readonly data: unknown;
  /** 1 on first delivery. More than 1: an earlier holder may still run, or died. */
  readonly deliveryCount: number;
  /** Done; never delivered again. Safe to repeat. */
  ack(): void;
  /** Gives the item back, for redelivery after `delayMs` (default at once). */
  nak(delayMs?: number): void;
  /** Starts the lease anew; resolves when the queue has said so, also for an item that is done, rejects when it is away. */
  extend(): Promise<void>;
}

/** A work queue, pulled on demand so that no more items are held than there are free slots; in the order of storing. */
export interface WorkQueue {
  /**
   * Starts pulling. `onItem` is called for each delivery; `demand` items are outstanding at most until `release`
   * is called once per finished item.
   */
  start(demand: number, onItem: (item: WorkItem) => void): void;
  release(): void;
  /** Stops pulling; items already delivered stay with the caller. */
  stop(): Promise<void>;
}
