import { WorldError } from '../../runtime/world-error.js';
import type { Commit } from '../event-store.port.js';
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
   *
   * @throws WorldError `retry: 'never'` when the events of a commit do not follow each other
   */
  add(event: PlacedEvent): Commit | undefined {
    const { index, size } = event.metadata.commit;
    if (!this.isOpen && index > 0) return undefined;
    if (index !== this.#events.length || !this.#belongs(event)) throw torn(event);
    this.#events.push(event);
    if (this.#events.length < size) return undefined;
    const events = this.#events;
    this.#events = [];
    return commitOf(events, event);
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

function torn({ stream, revision, metadata }: PlacedEvent): WorldError {
  const message = `${stream}: event ${revision} of commit ${metadata.commit.id} does not follow the one before it`;
  return new WorldError(message, 'never');
}
