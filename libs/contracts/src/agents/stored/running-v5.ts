import { z } from 'zod';

const held = z.strictObject({
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  costMicroUsd: z.int().nonnegative(),
});

/** Frozen: a new shape is a new version beside this one. */
export const runningV5 = {
  ModelCallStarted: z.strictObject({
    callId: z.string(),
    attempt: z.int().positive(),
    model: z.string(),
    maxTokens: z.int().positive(),
    /** As before. */
    windDown: z.boolean(),
    held,
    requestHash: z.string(),
    /** What the answer is for: the agent goes on with it (the default), or it is a summary of what was said. */
    purpose: z.enum(['answer', 'compaction']).optional(),
    /** Of a call for a summary: the window of the model that the conversation has to fit. */
    contextTokens: z.int().positive().optional(),
  }),
} as const;
