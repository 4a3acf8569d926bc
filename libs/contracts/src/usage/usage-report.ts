import { z } from 'zod';
import { agentIdSchema, tenantSchema } from '../envelope/ids.js';

const amount = z.int().nonnegative();

/** What a report of usage may be grouped by. `day`: in UTC. `tree`: by the root. */
export const usageGroupingSchema = z.enum(['day', 'model', 'template', 'tool', 'tree', 'tenant']);
export type UsageGrouping = z.infer<typeof usageGroupingSchema>;

/** Sums over the own calls of agents. Tools have no tokens and models no calls of tools: those are 0 there. */
const usageSumsSchema = z.strictObject({
  /** That made such calls, and those of them that failed, expired or ran out of their limits. */
  agents: amount,
  failedAgents: amount,
  modelCalls: amount,
  failedModelCalls: amount,
  /** Answered as the same request before: no call was made. */
  modelCallsFromCache: amount.default(0),
  inputTokens: amount,
  outputTokens: amount,
  costMicroUsd: amount,
  /** Of the input tokens, those from caches of providers, and what they and kept answers saved where that is known. */
  cachedTokens: amount,
  savedMicroUsd: amount,
  /** From start to end, milliseconds. */
  modelMs: amount,
  slowestModelMs: amount,
  toolCalls: amount,
  failedToolCalls: amount,
  /** Whose results were kept from calls before. */
  toolCallsFromCache: amount,
  toolMs: amount,
  slowestToolMs: amount,
});
export type UsageSums = z.infer<typeof usageSumsSchema>;

/**
 * Question on `q.views.usageReport`: what calls on the days from `sinceMs` to before `untilMs` used, from the rows of
 * agents. Safe to retry.
 */
export const usageReportRequestSchema = z.object({
  tenant: tenantSchema,
  /** Of all tenants, for those who run the stack. */
  allTenants: z.boolean(),
  by: usageGroupingSchema,
  /** Epoch milliseconds; days are taken whole. */
  sinceMs: z.int(),
  untilMs: z.int(),
  rootId: agentIdSchema.optional(),
  /** Groups to return: by day the newest, else those that cost most. */
  limit: z.int().positive().max(1_000),
});

export const usageReportAnswerSchema = z.object({
  groups: z.array(z.object({ key: z.string(), ...usageSumsSchema.shape })),
  /** How many more groups there are. */
  more: amount,
  /** Over all groups. */
  total: usageSumsSchema,
  /** Agents whose rows an older release wrote: all that they used counts for their last day and as one call. */
  undetailed: amount,
  /** Agents were left out, those whose last event is oldest, because there are too many. */
  isCut: z.boolean(),
});
