import { z } from 'zod';
import { tenantSchema } from '../envelope/ids.js';
import { quotaChangesSchema } from '../tenants/tenant-admin.js';
import { tenantEventSchemas } from '../tenants/tenant-events.js';
import { usageGroupingSchema, usageReportAnswerSchema } from '../usage/usage-report.js';
import { agentIdInput } from './agent-shapes.js';
import { readOnly, toolContract } from './tool-contract.js';

/** What there is of something, and the most that there may be. */
const used = z.strictObject({
  now: z.int(),
  /** Absent: the tenant has no limit of its own. */
  limit: z.int().optional(),
});

const usageShape = {
  tenant: z.string(),
  liveAgents: used,
  runningTrees: used,
  waitingTrees: used,
  spawnsLastMinute: used,
  tokensToday: used,
  costMicroUsdToday: used,
  /** Part of the slots that tenants wait for. */
  weight: z.int(),
  /** When tokens and cost count from 0 again. */
  dayResetsAt: z.string(),
  asOf: z.string(),
};

/** A date, or a time in ISO 8601. */
const day = z
  .string()
  .max(40)
  .refine((text) => /^\d{4}-\d\d-\d\d($|T)/.test(text) && !Number.isNaN(Date.parse(text)), {
    error: 'expected a day like 2026-01-31, or a time in ISO 8601',
  });

const usageReportShape = z.strictObject({
  by: usageGroupingSchema,
  /** Whole days in UTC: from this one to that one. */
  since: z.string(),
  until: z.string(),
  ...usageReportAnswerSchema.omit({ isCut: true, undetailed: true }).shape,
  /** What the sums lack, in words. */
  notes: z.array(z.string()),
});

export const getUsageTool = toolContract({
  name: 'get_usage',
  title: 'Get usage',
  description:
    'What your tenant runs and used today, beside its limits; with arguments, sums of calls.',
  role: 'viewer',
  audit: 'none',
  hints: readOnly,
  input: z.strictObject({
    by: usageGroupingSchema.optional().describe('Default: day'),
    since: day.optional().describe('Day; default: 30 ago'),
    until: day.optional().describe('Last day'),
    rootId: agentIdInput.optional().describe('Of one tree'),
    limit: z.int().min(1).max(200).optional().describe('Most groups'),
  }),
  output: z.strictObject({ ...usageShape, report: usageReportShape.optional() }),
});
export type UsageShape = z.infer<typeof getUsageTool.output>;
export type UsageReportShape = z.infer<typeof usageReportShape>;

const { shape: changes } = quotaChangesSchema;
const tenantInput = tenantSchema.describe('Its name');
const amount = (what: string) => z.int().nonnegative().optional().describe(what);
const names = (what: string) =>
  z.array(z.string().min(1).max(128)).max(1_000).optional().describe(what);
const quotaName = z.enum(Object.keys(changes) as [keyof typeof changes]);

const tenantShape = z.strictObject({
  tenant: z.string(),
  /** Of what is absent there is none. */
  quotas: tenantEventSchemas.TenantQuotasSet,
  usage: z.strictObject(usageShape),
});

export const getTenantTool = toolContract({
  name: 'get_tenant',
  title: 'Get tenant',
  description: 'Quotas and usage of any tenant.',
  role: 'admin',
  audit: 'call',
  hints: readOnly,
  input: z.strictObject({ tenant: tenantInput }),
  output: tenantShape,
});

export const setTenantQuotasTool = toolContract({
  name: 'set_tenant_quotas',
  title: 'Set quotas of a tenant',
  description: 'Change quotas of any tenant, at once. What is not named stays.',
  role: 'admin',
  audit: 'command',
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    tenant: tenantInput,
    liveAgents: amount('With so many, further trees wait'),
    runningTrees: amount('With so many, further trees wait'),
    spawnsPerMinute: amount('New trees'),
    tokensPerDay: amount('In UTC'),
    costMicroUsdPerDay: amount('In UTC'),
    ceilings: z
      .strictObject({
        tokens: amount('Most'),
        costMicroUsd: amount('Most'),
        seconds: amount('Most'),
        depth: amount('Most'),
        children: amount('Most'),
        descendants: amount('Most'),
      })
      .optional()
      .describe('What a root may ask for'),
    models: names('The only ones'),
    toolServers: names('The only ones'),
    weight: z.int().min(1).max(100).optional().describe('Part of the slots that tenants wait for'),
    remove: z.array(quotaName).optional().describe('Quotas to take away'),
  }),
  output: tenantShape,
});
