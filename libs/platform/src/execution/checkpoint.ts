import type { Position } from '../event-store/event-store.port.js';
import type { StateStore } from '../state/state-store.port.js';

/** Bucket of the places that readers of the log have come to. */
export const CHECKPOINTS = 'checkpoints';

export interface CheckpointValue {
  readonly position: Position;
}

/** How far a reader of the log has come; saved only after everything up to there took effect. */
export class Checkpoint {
  private saved: Position | undefined;

  constructor(
    private readonly store: StateStore<CheckpointValue>,
    private readonly reader: string,
  ) {}

  async load(): Promise<Position | undefined> {
    this.saved = (await this.store.get(this.reader))?.value.position;
    return this.saved;
  }

  /** Does nothing when the place is the one saved last. Safe to retry. */
  async save(position: Position | undefined): Promise<void> {
    if (position === undefined || position === this.saved) return;
    await this.store.put(this.reader, { position });
    this.saved = position;
  }
}
