import { z } from 'zod';
import { agentId, endStatus, failure, spent, text } from './parts-v1.js';

/** Frozen: a new shape is a new version beside this one. */
export const endingV1 = {
  AgentCompleted: z.strictObject({ output: text }),
  AgentFailed: z.strictObject({
    failure,
    partial: text.optional(),
  }),
  AgentTerminated: z.strictObject({
    reason: z.string(),
    partial: text.optional(),
  }),
  AgentExpired: z.strictObject({ partial: text.optional() }),
  AgentExhausted: z.strictObject({
    limit: z.enum(['tokens', 'costMicroUsd']),
    partial: text.optional(),
  }),
  /** `spent` counts the child's whole subtree, what it still held included: nothing comes back later. */
  ChildEnded: z.strictObject({
    childId: agentId,
    status: endStatus,
    spent,
    output: text.optional(),
    failure: failure.optional(),
  }),
} as const;
