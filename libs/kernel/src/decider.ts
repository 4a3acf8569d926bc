import type { Decision } from './decision.js';

/**
 * The rules of one stream. `decide` is total and synchronous; time, ids and chance arrive inside the command.
 * `evolve` never refuses and never throws: the event already happened.
 */
export interface Decider<Command, Event, State> {
  readonly initialState: State;
  decide(command: Command, state: State): Decision<Event>;
  evolve(state: State, event: Event): State;
}

/** The state after all events, oldest first. */
export function fold<Command, Event, State>(
  decider: Decider<Command, Event, State>,
  events: Iterable<Event>,
  from: State = decider.initialState,
): State {
  let state = from;
  for (const event of events) state = decider.evolve(state, event);
  return state;
}
