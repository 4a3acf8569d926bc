import type { z } from 'zod';
import { userV1 } from './stored/user-v1.js';

/** The newest stored version of each event of a user, by type. */
export const userEventSchemas = { ...userV1 } as const;

export type UserEventType = keyof typeof userEventSchemas;

/** An event of a user as the domain knows it: `{ type, data }`, a union over all types. */
export type UserEvent = {
  [Type in UserEventType]: {
    readonly type: Type;
    readonly data: z.infer<(typeof userEventSchemas)[Type]>;
  };
}[UserEventType];

/** Stored version that new events of every type are written with. */
export const USER_EVENT_VERSION = 1;

/**
 * A stored event as the domain knows it, or an error that names what the log holds and this program does not know.
 * Trusts the data of a known type and version: it was validated by whoever wrote it.
 */
export function readUserEvent(stored: {
  readonly type: string;
  readonly version: number;
  readonly data: unknown;
}): UserEvent {
  if (!(stored.type in userEventSchemas) || stored.version !== USER_EVENT_VERSION) {
    throw new Error(`unknown stored event ${stored.type} v${stored.version}`);
  }
  return { type: stored.type, data: stored.data } as UserEvent;
}
