import { z } from 'zod';

const amount = z.int().nonnegative().max(Number.MAX_SAFE_INTEGER);

/** Ten years: longer than any agent, and a deadline that is still a date. */
const MAX_SECONDS = 315_360_000;

/** What a caller may ask for. 0 means zero; what is left out is inherited or the tenant's default. */
export const requestedLimitsSchema = z.strictObject({
  tokens: amount.describe('Input and output, subtree').optional(),
  costMicroUsd: amount.describe('Micro-USD, subtree').optional(),
  seconds: z.int().nonnegative().max(MAX_SECONDS).describe('Time to live from now').optional(),
  depth: amount.describe('Levels below this one').optional(),
  children: amount.describe('Live children at once').optional(),
  descendants: amount.describe('Agents ever below this one').optional(),
});
export type RequestedLimits = z.infer<typeof requestedLimitsSchema>;

const more = amount.positive();

/** What a live agent gets beside what it has. */
export const extensionSchema = z
  .strictObject({
    tokens: more.optional(),
    costMicroUsd: more.optional(),
    seconds: z.int().positive().max(MAX_SECONDS).optional(),
    descendants: more.optional(),
  })
  .refine((add) => Object.values(add).some((one) => one !== undefined), 'adds nothing');
export type Extension = z.infer<typeof extensionSchema>;

/** What an agent has. `deadlineMs` is epoch milliseconds; tokens, cost and descendants count the whole subtree. */
export const limitsSchema = z.strictObject({
  tokens: amount,
  costMicroUsd: amount,
  deadlineMs: amount,
  depth: amount,
  children: amount,
  descendants: amount,
});
export type Limits = z.infer<typeof limitsSchema>;

/** What a subtree has used of the limits that add up. */
export const spentSchema = z.strictObject({
  inputTokens: amount,
  outputTokens: amount,
  costMicroUsd: amount,
  descendants: amount,
});
export type Spent = z.infer<typeof spentSchema>;

/** Tokens and money of one model call. */
export const usageSchema = z.strictObject({
  inputTokens: amount,
  outputTokens: amount,
  costMicroUsd: amount,
});
export type Usage = z.infer<typeof usageSchema>;
