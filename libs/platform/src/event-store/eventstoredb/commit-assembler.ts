import type { Commit, Damage } from '../event-store.port.js';
import type { PlacedEvent } from './kurrent-event.js';

/** Puts the events of `$all` together into the commits that they were appended in. */
export class CommitAssembler {
  #events: PlacedEvent[] = [];

  /** Some but not all events of a commit have come. */
  get isOpen(): boolean {
    return this.#events.length > 0;
  }

  /**
   * The commit, with its last event. The end of a commit whose start was not read is dropped: reading began inside it.
   * What does not follow ends the commit that was open; the events that are left of that are damage.
   */
  add(event: PlacedEvent): { readonly commit?: Commit; readonly damage?: Damage } {
    const { index, size } = event.metadata.commit;
    if (!this.isOpen && index > 0) return {};
    if (index !== this.#events.length || !this.#belongs(event)) return this.#afterTorn(event);
    this.#events.push(event);
    if (this.#events.length < size) return {};
    const events = this.#events;
    this.#events = [];
    return { commit: commitOf(events, event) };
  }

  #afterTorn(event: PlacedEvent): { readonly commit?: Commit; readonly damage?: Damage } {
    const damage = damageOf(this.#events[0] ?? event);
    this.#events = [];
    return { damage, ...this.add(event) };
  }

  #belongs({ stream, metadata }: PlacedEvent): boolean {
    const [first] = this.#events;
    if (first === undefined) return true;
    return first.stream === stream && first.metadata.commit.id === metadata.commit.id;
  }
}

function commitOf(events: readonly PlacedEvent[], last: PlacedEvent): Commit {
  const { stream, revision, position, metadata } = last;
  return { stream, id: metadata.commit.id, revision, position, events: events.map(withoutPlace) };
}

export function withoutPlace({
  position: _,
  ...event
}: PlacedEvent): Omit<PlacedEvent, 'position'> {
  return event;
}

function damageOf({ stream, position, metadata }: PlacedEvent): Damage {
  return { stream, position, reason: `commit ${metadata.commit.id} is not whole` };
}
