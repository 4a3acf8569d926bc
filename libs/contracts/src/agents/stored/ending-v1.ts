import { z } from 'zod';
import { agentIdSchema } from '../../envelope/ids.js';
import { textSchema } from '../../envelope/payload.js';
import { spentSchema } from '../limits.js';
import { endStatusSchema, failureSchema } from '../status.js';

/** Frozen: a new shape is a new version beside this one. */
export const endingV1 = {
  AgentCompleted: z.strictObject({ output: textSchema }),
  AgentFailed: z.strictObject({
    failure: failureSchema,
    partial: textSchema.optional(),
  }),
  AgentTerminated: z.strictObject({
    reason: z.string(),
    partial: textSchema.optional(),
  }),
  AgentExpired: z.strictObject({ partial: textSchema.optional() }),
  AgentExhausted: z.strictObject({
    limit: z.enum(['tokens', 'costMicroUsd']),
    partial: textSchema.optional(),
  }),
  /** `spent` counts the child's whole subtree, what it still held included: nothing comes back later. */
  ChildEnded: z.strictObject({
    childId: agentIdSchema,
    status: endStatusSchema,
    spent: spentSchema,
    output: textSchema.optional(),
    failure: failureSchema.optional(),
  }),
} as const;
