import { z } from 'zod';

const amount = z.number().nonnegative();

const sharedLimitViewSchema = z.object({
  /** Prefix of a provider, or id of a model. */
  of: z.string(),
  requestsPerMinute: amount.optional(),
  tokensPerMinute: amount.optional(),
  /** What counts against them at this moment, of all workers. */
  requests: amount,
  tokens: amount,
});

const circuitViewSchema = z.object({
  /** Prefix of a provider, or id of a model that fails by itself. */
  of: z.string(),
  /** Calls that wait for their turn. */
  waiting: z.int().nonnegative(),
  /** `called`; else why it is left alone for now. */
  state: z.enum(['called', 'failures', 'retry-after']),
  /** Until it is called again; absent while one call tries. */
  waitMs: amount.optional(),
  /** Why the last call that failed did. */
  lastFailure: z.string().optional(),
});

/** The model providers: limits of all workers, and how one worker finds those that it has called. */
export const providersAnswerSchema = z.object({
  worker: z.string(),
  /** Agents that run there at a time, as it tells others. */
  slots: z.int().positive(),
  limits: z.array(sharedLimitViewSchema),
  circuits: z.array(circuitViewSchema),
});
export type ProvidersAnswer = z.infer<typeof providersAnswerSchema>;
