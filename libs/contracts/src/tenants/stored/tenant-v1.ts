import { z } from 'zod';

const amount = z.int().nonnegative();
const names = z.array(z.string().min(1).max(128)).max(1_000);

/** Frozen: a new shape is a new version beside this one. */
export const tenantV1 = {
  /** All quotas that the tenant has from now on; of what is absent there is none. */
  TenantQuotasSet: z.strictObject({
    /** Agents of started trees: with so many, further trees wait. */
    liveAgents: amount.optional(),
    /** Trees with live agents: with so many, further trees wait. */
    runningTrees: amount.optional(),
    /** New trees. */
    spawnsPerMinute: amount.optional(),
    /** Of a day in UTC: once they are used up, no further tree is taken. */
    tokensPerDay: amount.optional(),
    costMicroUsdPerDay: amount.optional(),
    /** The most that a root may ask for, and what it has that names no limit where the service gives more. */
    ceilings: z
      .strictObject({
        tokens: amount.optional(),
        costMicroUsd: amount.optional(),
        seconds: amount.optional(),
        depth: amount.optional(),
        children: amount.optional(),
        descendants: amount.optional(),
      })
      .optional(),
    /** Absent: all. */
    models: names.optional(),
    toolServers: names.optional(),
  }),
} as const;
