import type { z } from 'zod';
import { clientV1 } from './stored/client-v1.js';

/** The newest stored version of each event of a client with a secret, by type. */
export const clientEventSchemas = { ...clientV1 } as const;

export type ClientEventType = keyof typeof clientEventSchemas;

/** An event of a client as the domain knows it: `{ type, data }`, a union over all types. */
export type ClientEvent = {
  [Type in ClientEventType]: {
    readonly type: Type;
    readonly data: z.infer<(typeof clientEventSchemas)[Type]>;
  };
}[ClientEventType];

/** Stored version that new events of every type are written with. */
export const CLIENT_EVENT_VERSION = 1;

/** As `readUserEvent`. */
export function readClientEvent(stored: {
  readonly type: string;
  readonly version: number;
  readonly data: unknown;
}): ClientEvent {
  if (!(stored.type in clientEventSchemas) || stored.version !== CLIENT_EVENT_VERSION) {
    throw new Error(`unknown stored event ${stored.type} v${stored.version}`);
  }
  return { type: stored.type, data: stored.data } as ClientEvent;
}
