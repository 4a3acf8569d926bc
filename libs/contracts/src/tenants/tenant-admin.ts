import { z } from 'zod';
import { tenantSchema } from '../envelope/ids.js';
import { rejectionSchema } from '../errors/codes.js';
import { tenantEventSchemas } from './tenant-events.js';

const quotas = tenantEventSchemas.TenantQuotasSet;

const amount = z.int().nonnegative().nullable().optional();
const names = z.array(z.string().min(1).max(128)).max(1_000).nullable().optional();

/** What is named is set, `null` takes the quota away, all else stays. */
export const quotaChangesSchema = z.strictObject({
  liveAgents: amount,
  runningTrees: amount,
  spawnsPerMinute: amount,
  tokensPerDay: amount,
  costMicroUsdPerDay: amount,
  ceilings: z
    .strictObject({
      tokens: amount,
      costMicroUsd: amount,
      seconds: amount,
      depth: amount,
      children: amount,
      descendants: amount,
    })
    .optional(),
  models: names,
  toolServers: names,
  weight: z.int().min(1).max(100).nullable().optional(),
});
export type QuotaChanges = z.infer<typeof quotaChangesSchema>;

/** Sets quotas of a tenant. Safe to retry but for `isNew`, which says that it must have none yet. */
export const setQuotasRequestSchema = z.object({
  tenant: tenantSchema,
  isNew: z.boolean(),
  changes: quotaChangesSchema,
  /** Who asks, as the one who asks says it. */
  by: z.string().min(1).max(64).optional().catch(undefined),
});
export type SetQuotasRequest = z.infer<typeof setQuotasRequestSchema>;

const tenantViewSchema = z.object({
  tenant: tenantSchema,
  quotas,
  /** What it has under way. */
  liveAgents: z.int(),
  runningTrees: z.int(),
  waitingTrees: z.int(),
});
export type TenantView = z.infer<typeof tenantViewSchema>;

export const setQuotasAnswerSchema = z.union([
  z.object({ tenant: tenantViewSchema }),
  z.object({ refused: rejectionSchema }),
]);
export type SetQuotasAnswer = z.infer<typeof setQuotasAnswerSchema>;

/** Tenants that have quotas or agents, in the order of their names. Default: all of them, at most 1,000. */
export const listTenantsRequestSchema = z.object({ tenant: tenantSchema.optional() });

export const listTenantsAnswerSchema = z.object({ tenants: z.array(tenantViewSchema) });
export type ListTenantsAnswer = z.infer<typeof listTenantsAnswerSchema>;
