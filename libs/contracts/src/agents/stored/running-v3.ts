import { z } from 'zod';
import { payloadRef } from './parts-v1.js';

/** Frozen: a new shape is a new version beside this one. */
export const runningV3 = {
  RunStarted: z.strictObject({
    epoch: z.int().positive(),
    dispatchId: z.int().nonnegative(),
    workerId: z.string(),
    /** As before. */
    offered: payloadRef.nullable(),
    /** Number of the rules by which all of this run is decided; 0 before this version. */
    rules: z.int().nonnegative(),
    /** Whether the worker may start another agent of the tree on the slot for a second after it was freed. */
    keepsSlot: z.boolean(),
  }),
} as const;
