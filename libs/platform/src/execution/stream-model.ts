import type { EventMetadata } from '@skynet/contracts';
import type { Decider } from '@skynet/kernel';
import type { NewEvent, StoredEvent } from '../event-store/event-store.port.js';

/** On whose behalf a command runs. */
export interface Origin {
  readonly tenant: string;
  readonly principal: string;
  /** W3C trace context. */
  readonly traceparent?: string;
}

export interface IdentifiedCommand {
  /** The same id is the same command; event ids derive from it. */
  readonly id: string;
  /** Monotonic milliseconds: later it changes nothing, and what it has changed is not sent. Default: no such time. */
  readonly lastMomentMs?: number;
  /** It changes nothing unless the command before it in its commit has. Default: false. */
  readonly follows?: boolean;
}

/** An event of a stream in its newest shape, and where it stands there. */
export type Placed<Event> = Event & { readonly revision: number };

/** The events of a commit, read already. */
export interface ReadCommit<Event> {
  readonly stream: string;
  readonly events: readonly Placed<Event>[];
}

/** The state of a stream at a revision; -1 while the stream does not exist. */
export interface Loaded<State> {
  readonly state: State;
  readonly revision: number;
}

/** Everything the command handler must know of one kind of stream. */
export interface StreamModel<Command extends IdentifiedCommand, Event, State> {
  readonly decider: Decider<Command, Event, State>;
  /** Whether the command most likely begins its stream: then nothing is read before the first try. */
  begins(command: Command): boolean;
  /** Stream of the aggregate with this id. */
  streamOf(id: string): string;
  /** The newest shape of a stored event; throws on what it does not know. */
  read(stored: StoredEvent): Event;
  /** What to store of an event; `after` is the state that it leads to. */
  write(event: Event, after: State, origin: Origin): WrittenEvent;
  /** Rough memory of a state in bytes, for the cache. */
  sizeOf(state: State): number;
}

export interface WrittenEvent extends Pick<NewEvent, 'type' | 'version' | 'data'> {
  readonly metadata: Omit<EventMetadata, 'commit'>;
}
