import type { StoredShape } from '../envelope/stored-events.js';
import {
  clientEventSchemas,
  readClientEvent,
  storedClientEvents,
  type ClientEvent,
} from './client-events.js';
import { readUserEvent, storedUserEvents, type UserEvent } from './user-events.js';

/** An event of the stream of one principal, who is a user or a client. */
export type PrincipalEvent = UserEvent | ClientEvent;

export function isClientEvent(event: PrincipalEvent): event is ClientEvent {
  return Object.hasOwn(clientEventSchemas, event.type);
}

/** Stored version that a new event is written with. */
export function principalEventVersion(event: PrincipalEvent): number {
  return isClientEvent(event)
    ? storedClientEvents.versionOf(event.type)
    : storedUserEvents.versionOf(event.type);
}

/** A stored event as the domain knows it, or an error that names what this program does not know. */
export function readPrincipalEvent(stored: StoredShape): PrincipalEvent {
  return Object.hasOwn(clientEventSchemas, stored.type)
    ? readClientEvent(stored)
    : readUserEvent(stored);
}
