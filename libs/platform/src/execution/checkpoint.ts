import { buckets } from '@skynet/contracts';
import type { EventStore, LogKind, Position } from '../event-store/event-store.port.js';
import type { StateStore, StateStores } from '../state/state-store.port.js';

/** Bucket of the places that readers of the log have come to. */
export const CHECKPOINTS = buckets.checkpoints.bucket;

export interface CheckpointValue {
  readonly position: Position;
  readonly log: LogKind;
}

/** How far a reader of the log has come; saved only after everything up to there took effect. */
export class Checkpoint {
  private saved: Position | undefined;

  constructor(
    private readonly store: StateStore<CheckpointValue>,
    private readonly reader: string,
    private readonly log: Pick<EventStore, 'kind'>,
  ) {}

  /** Undefined when nothing was saved, or when it was saved for a log of another kind: then read from the start. */
  async load(): Promise<Position | undefined> {
    const value = (await this.store.get(this.reader))?.value;
    this.saved = value?.log === this.log.kind ? value.position : undefined;
    return this.saved;
  }

  /** Does nothing when the place is the one saved last. Safe to retry. */
  async save(position: Position | undefined): Promise<void> {
    if (position === undefined || position === this.saved) return;
    await this.store.put(this.reader, { position, log: this.log.kind });
    this.saved = position;
  }
}

/**
 * Makes all readers begin at the start of the log: for a log that was moved to another place of the same kind, where
 * their places mean nothing. Pointers in the same bucket stay. Safe to repeat. How many there were.
 */
export async function forgetCheckpoints(states: Pick<StateStores, 'open'>): Promise<number> {
  const store = await states.open<Partial<CheckpointValue>>(CHECKPOINTS);
  const places = new Set<string>();
  for await (const { key, value } of store.entries('')) {
    if (value.position !== undefined) places.add(key);
  }
  for (const key of places) await store.delete(key);
  return places.size;
}
