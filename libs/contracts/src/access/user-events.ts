import { StoredEvents, type EventOf, type StoredShape } from '../envelope/stored-events.js';
import { userV1 } from './stored/user-v1.js';

/** The newest stored version of each event of a user, by type. */
export const userEventSchemas = { ...userV1 } as const;

export type UserEventType = keyof typeof userEventSchemas;

/** An event of a user as the domain knows it: `{ type, data }`, a union over all types. */
export type UserEvent = EventOf<typeof userEventSchemas>;

/** Every version that any release has stored. */
export const storedUserEvents = new StoredEvents(userEventSchemas);

/** A stored event as the domain knows it, or an error that names what this program does not know. */
export function readUserEvent(stored: StoredShape): UserEvent {
  return storedUserEvents.read(stored);
}
