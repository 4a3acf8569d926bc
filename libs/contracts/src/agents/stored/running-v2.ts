import { z } from 'zod';
import { payloadRefSchema } from '../../envelope/payload.js';

/** Frozen: a new shape is a new version beside this one. */
export const runningV2 = {
  RunStarted: z.strictObject({
    epoch: z.int().positive(),
    dispatchId: z.int().nonnegative(),
    workerId: z.string(),
    /**
     * The definitions of all tools that the requests of this run offer, a JSON array of {name, description, inputSchema};
     * null: they were not recorded, as before this version.
     */
    offered: payloadRefSchema.nullable(),
  }),
  /** Nobody knows whether the call happened, and why; a person or the parent decides. */
  ToolCallInDoubt: z.strictObject({ toolCallId: z.string(), reason: z.string() }),
  /** The run ended before the agent did: it goes back to the queue. `handover`: its worker shuts down. */
  RunYielded: z.strictObject({
    epoch: z.int().positive(),
    reason: z.enum(['paused', 'handover']),
  }),
} as const;
