import { LRUCache } from 'lru-cache';
import type { StoredStretch, StreamPlace } from '../eventstoredb-form/kurrent-event.js';

const STREAMS_KEPT = 50_000;

/**
 * The last event of each stream that this process has seen, in both counts. What stands in a stream stands there for ever,
 * so what is known here is true, and may be old.
 */
export class KnownPlaces {
  readonly #places = new LRUCache<string, StreamPlace>({ max: STREAMS_KEPT });

  get(stream: string): StreamPlace | undefined {
    return this.#places.get(stream);
  }

  add(stream: string, { revision, number }: StreamPlace): void {
    const known = this.#places.get(stream);
    if (known === undefined || known.revision <= revision) {
      this.#places.set(stream, { revision, number });
    }
  }

  addStretch(stretch: StoredStretch): void {
    const { stream, revision } = lastOf(stretch);
    this.add(stream, { revision, number: stretch.number });
  }
}

export function lastOf({ events }: StoredStretch) {
  return events.at(-1) ?? events[0];
}
