import { CLIENT_EVENT_VERSION, clientEventSchemas, readClientEvent } from './client-events.js';
import type { ClientEvent } from './client-events.js';
import { readUserEvent, USER_EVENT_VERSION, type UserEvent } from './user-events.js';

/** An event of the stream of one principal, who is a user or a client. */
export type PrincipalEvent = UserEvent | ClientEvent;

export function isClientEvent(event: PrincipalEvent): event is ClientEvent {
  return event.type in clientEventSchemas;
}

/** Stored version that a new event is written with. */
export function principalEventVersion(event: PrincipalEvent): number {
  return isClientEvent(event) ? CLIENT_EVENT_VERSION : USER_EVENT_VERSION;
}

/** As `readUserEvent`. */
export function readPrincipalEvent(stored: {
  readonly type: string;
  readonly version: number;
  readonly data: unknown;
}): PrincipalEvent {
  return stored.type in clientEventSchemas ? readClientEvent(stored) : readUserEvent(stored);
}
