import type { StateEntry, StateStore, StateStores } from '../state/state-store.port.js';
import { CHECKPOINTS } from './checkpoint.js';

interface BucketPointer {
  readonly bucket: string;
}

export interface LiveBucketOptions {
  /** Key of the pointer in the bucket `checkpoints`. */
  readonly pointer: string;
  /** The live bucket while nothing points at another. */
  readonly initial: string;
}

/** Which of several buckets is the live one. A pointer says so; every process that follows it moves with it. */
export class LiveBucket {
  private pointers: StateStore<BucketPointer> | undefined;
  private seen: StateEntry<BucketPointer> | undefined;
  private stopWatching: (() => Promise<void>) | undefined;

  constructor(
    private readonly states: Pick<StateStores, 'open'>,
    private readonly options: LiveBucketOptions,
  ) {}

  /** As the pointer was last seen. */
  get name(): string {
    return this.seen?.value.bucket ?? this.options.initial;
  }

  /** Resolves when the pointer was read; `onMove` is called with each later change of the name. */
  async start(onMove: () => void = () => undefined): Promise<void> {
    const { pointer } = this.options;
    this.pointers = await this.states.open<BucketPointer>(CHECKPOINTS);
    let isRead = false;
    this.stopWatching = await this.pointers.watch(pointer, (key, entry) => {
      if (key !== pointer) return;
      const before = this.name;
      this.seen = entry;
      if (isRead && this.name !== before) onMove();
    });
    isRead = true;
  }

  /** The live bucket itself; ask anew for each use. */
  open<Value>(): Promise<StateStore<Value>> {
    return this.states.open<Value>(this.name);
  }

  /**
   * Makes another bucket the live one, for all.
   *
   * @throws StateConflictError when somebody else moved the pointer meanwhile
   */
  async move(bucket: string): Promise<void> {
    if (this.pointers === undefined) throw new Error('the pointer is not followed yet');
    const { pointer } = this.options;
    await this.pointers.put(pointer, { bucket }, this.seen?.revision ?? 'absent');
  }

  async stop(): Promise<void> {
    await this.stopWatching?.();
  }
}
