import { z } from 'zod';
import { spawningV1 } from './spawning-v1.js';

/** Frozen: a new shape is a new version beside this one. */
export const spawningV2 = {
  AgentSpawned: spawningV1.AgentSpawned.extend({
    /** What tool servers may be told of the client's context; absent when there is nothing. */
    context: z
      .strictObject({
        /** W3C `tracestate`, and the trace that it belongs to. */
        tracestate: z
          .strictObject({
            traceId: z.string().regex(/^[0-9a-f]{32}$/),
            members: z.string().regex(/^[ -~]{1,512}$/),
          })
          .optional(),
        /** Entries of W3C `baggage` as they were sent. */
        baggage: z
          .array(
            z
              .string()
              .max(1_024)
              .regex(/^[!-+.-<>-~-]+=[!-+.-~-]*$/),
          )
          .max(16)
          .optional(),
      })
      .optional(),
  }),
} as const;
