import { randomUUID } from 'node:crypto';
import type { Refused, Rejection } from '@skynet/kernel';
import type { NewEvent, Position } from '../event-store/event-store.port.js';
import type { IdentifiedCommand, Loaded, Origin } from './stream-model.js';

/** What became of a command: the state after it, with what it appended, or the rules' no. */
export type Execution<Event, State> = {
  readonly state: State;
  /** Revision of the stream that `state` was folded to; -1 for no stream. */
  readonly revision: number;
} & ({ readonly events: readonly Event[]; readonly position?: Position } | Refused);

export interface Pending<Command, Event, State> {
  readonly command: Command;
  readonly origin: Origin;
  readonly resolve: (execution: Execution<Event, State>) => void;
  readonly reject: (error: unknown) => void;
}

export interface Decided<Command, Event, State> {
  readonly pending: Pending<Command, Event, State>;
  readonly events: readonly Event[];
  readonly refused?: Rejection;
}

export interface Batch<Command, Event, State> {
  readonly decided: readonly Decided<Command, Event, State>[];
  readonly events: readonly NewEvent[];
  readonly after: Loaded<State>;
  /** Some command changed nothing, which only the newest state may say. */
  readonly hasIdle: boolean;
}

export function outcomeOf<Command, Event, State>(
  one: Decided<Command, Event, State>,
  position: Position | undefined,
) {
  const { events, refused } = one;
  if (refused !== undefined) return { refused };
  const isIdle = events.length === 0;
  return { events, ...(!isIdle && { position }) };
}

export function lastMomentOf({ command }: { readonly command: IdentifiedCommand }): number {
  return command.lastMomentMs ?? Infinity;
}

/** Of those that have changed something: they are in one commit. */
export function lastMomentOfAll<Command extends IdentifiedCommand, Event, State>(
  decided: readonly Decided<Command, Event, State>[],
): number | undefined {
  const changing = decided.filter(({ events }) => events.length > 0);
  const lastMs = Math.min(...changing.map(({ pending }) => lastMomentOf(pending)));
  return Number.isFinite(lastMs) ? lastMs : undefined;
}

/**
 * Another process may carry out the first of these commands at the same place, together with others or with other data: no
 * commit but this one may answer for it. What a repeat of a command would do is said by the state.
 */
export function inOneCommit(events: readonly NewEvent[]): NewEvent[] {
  const id = randomUUID();
  const size = events.length;
  return events.map((event, index) => ({
    ...event,
    metadata: { ...event.metadata, commit: { id, index, size } },
  }));
}
