import { z } from 'zod';

const amount = z.int().nonnegative().max(Number.MAX_SAFE_INTEGER);

const ofCalls = {
  /** Start of the day in UTC on which they ended, epoch milliseconds. */
  dayMs: z.int(),
  calls: amount,
  failed: amount,
  /** From start to end, milliseconds: of all, and of the slowest. */
  ms: amount,
  slowestMs: amount,
};

/** What an agent's own calls of one model used on one day. */
export const modelUseSchema = z.object({
  ...ofCalls,
  model: z.string(),
  inputTokens: amount,
  outputTokens: amount,
  costMicroUsd: amount,
  /** Of the input tokens, those from a cache of the provider, and what they saved where that is known. */
  cachedTokens: amount,
  savedMicroUsd: amount,
  /** Of the calls, those that were answered as the same one before. Default: 0. */
  fromCache: amount.optional(),
});
export type ModelUse = z.infer<typeof modelUseSchema>;

/** An agent's own calls of one tool on one day; those that the worker answers by itself are among them, waits are not. */
export const toolUseSchema = z.object({
  ...ofCalls,
  tool: z.string(),
  /** Of the calls, those whose result was kept from one before. */
  fromCache: amount,
});
export type ToolUse = z.infer<typeof toolUseSchema>;

/** A call that is under way, or one of a tool that a model has asked for. */
export const openCallSchema = z.object({
  id: z.string(),
  /** Of the model or the tool. */
  name: z.string(),
  /** Absent: it has not been started. */
  sinceMs: z.int().optional(),
});
export type OpenCall = z.infer<typeof openCallSchema>;
