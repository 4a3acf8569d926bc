import type { z } from 'zod';
import { endingV1 } from './stored/ending-v1.js';
import { forkingV1 } from './stored/forking-v1.js';
import { runningV1 } from './stored/running-v1.js';
import { spawningV1 } from './stored/spawning-v1.js';

/** The newest stored version of each agent event, by type. */
export const agentEventSchemas = {
  ...spawningV1,
  ...runningV1,
  ...endingV1,
  ...forkingV1,
} as const;

export type AgentEventType = keyof typeof agentEventSchemas;

/** An agent event as the domain knows it: `{ type, data }`, a union over all types. */
export type AgentEvent = {
  [Type in AgentEventType]: {
    readonly type: Type;
    readonly data: z.infer<(typeof agentEventSchemas)[Type]>;
  };
}[AgentEventType];

export type AgentEventData<Type extends AgentEventType> = z.infer<(typeof agentEventSchemas)[Type]>;

/** Stored version that new events of every type are written with. */
export const AGENT_EVENT_VERSION = 1;

/**
 * A stored event as the domain knows it, or an error that names what the log holds and this program does not know.
 * Trusts the data of a known type and version: it was validated by whoever wrote it.
 */
export function readAgentEvent(stored: {
  readonly type: string;
  readonly version: number;
  readonly data: unknown;
}): AgentEvent {
  if (!(stored.type in agentEventSchemas) || stored.version !== AGENT_EVENT_VERSION) {
    throw new Error(`unknown stored event ${stored.type} v${stored.version}`);
  }
  return { type: stored.type, data: stored.data } as AgentEvent;
}
