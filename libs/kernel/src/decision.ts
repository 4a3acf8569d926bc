import type { Rejection } from './rejection.js';

/** What a decider answers: events that happened (none means nothing to do) or a rejection. */
export type Decision<Event> =
  | { readonly accepted: true; readonly events: readonly Event[] }
  | { readonly accepted: false; readonly rejection: Rejection };

export function accept<Event>(...events: readonly Event[]): Decision<Event> {
  return { accepted: true, events };
}

/** The command was already carried out or changes nothing; repeating it is safe. */
export function nothingToDo<Event>(): Decision<Event> {
  return { accepted: true, events: [] };
}

export function reject<Event>(rejection: Rejection): Decision<Event> {
  return { accepted: false, rejection };
}
