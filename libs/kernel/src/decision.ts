import type { Refused, Rejection } from './rejection.js';

/** What a decider answers: events that happened (none means nothing to do) or a rejection. */
export type Decision<Event> = { readonly events: readonly Event[] } | Refused;

export function accept<Event>(...events: readonly Event[]): Decision<Event> {
  return { events };
}

/** The command was already carried out or changes nothing; repeating it is safe. */
export function nothingToDo<Event>(): Decision<Event> {
  return { events: [] };
}

export function reject(rejection: Rejection): Refused {
  return { refused: rejection };
}
