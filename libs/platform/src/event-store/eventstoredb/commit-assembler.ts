import type { Commit, Damage } from '../event-store.port.js';
import type { PlacedEvent, StoredStretch } from '../eventstoredb-form/kurrent-event.js';

/** Puts the events of `$all` together into the commits that they were appended in. */
export class CommitAssembler {
  #events: PlacedEvent[] = [];

  /** Some but not all events of a commit have come. */
  get isOpen(): boolean {
    return this.#events.length > 0;
  }

  /**
   * The commit, with its last events. The end of a commit whose start was not read is dropped: reading began inside it.
   * What does not follow ends the commit that was open; the events that are left of that are damage.
   */
  add(stretch: StoredStretch): { readonly commit?: Commit; readonly damage?: Damage } {
    const [first] = stretch.events;
    const { index, size } = first.metadata.commit;
    if (!this.isOpen && index > 0) return {};
    if (!this.#goesOnWith(first)) return this.#afterTorn(stretch);
    this.#events.push(...stretch.events);
    if (this.#events.length < size) return {};
    const events = this.#events;
    this.#events = [];
    return { commit: commitOf(events, stretch.events.at(-1) ?? first) };
  }

  #afterTorn(stretch: StoredStretch): { readonly commit?: Commit; readonly damage?: Damage } {
    const damage = damageOf(this.#events[0] ?? stretch.events[0]);
    this.#events = [];
    return { damage, ...this.add(stretch) };
  }

  #goesOnWith({ stream, revision, metadata }: PlacedEvent): boolean {
    const { id, index, size } = metadata.commit;
    if (index !== this.#events.length) return false;
    const [first] = this.#events;
    if (first === undefined) return true;
    const { commit } = first.metadata;
    const isSame = first.stream === stream && commit.id === id && commit.size === size;
    return isSame && first.revision + index === revision;
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
