import { StoredEvents, type EventOf, type StoredShape } from '../envelope/stored-events.js';
import { clientV1 } from './stored/client-v1.js';

/** The newest stored version of each event of a client with a secret, by type. */
export const clientEventSchemas = { ...clientV1 } as const;

export type ClientEventType = keyof typeof clientEventSchemas;

/** An event of a client as the domain knows it: `{ type, data }`, a union over all types. */
export type ClientEvent = EventOf<typeof clientEventSchemas>;

/** Every version that any release has stored. */
export const storedClientEvents = new StoredEvents(clientEventSchemas);

/** A stored event as the domain knows it, or an error that names what this program does not know. */
export function readClientEvent(stored: StoredShape): ClientEvent {
  return storedClientEvents.read(stored);
}
