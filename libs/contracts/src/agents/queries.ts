import { z } from 'zod';
import { agentIdSchema, tenantSchema } from '../envelope/ids.js';
import { tenantUsageAnswerSchema, tenantUsageRequestSchema } from '../tenants/tenant-usage.js';
import { usageReportAnswerSchema, usageReportRequestSchema } from '../usage/usage-report.js';
import { agentRowSchema } from './agent-row.js';
import { replayAnswerSchemas, replayRequestSchemas } from './replay-queries.js';
import { agentStatusSchema } from './status.js';
import { templatesAnswerSchema, templatesRequestSchema } from './template-view.js';

/**
 * Questions on `q.views.*`. `agent`: the row folded from the stream itself, never stale. `list`: rows from the
 * projector's index in spawn order. `events`: the stream. `usage`: of the tenant. `usageReport`: what calls used. `templates`: what spawns may name. `board`: what a tree's
 * agents have written for each other. All answer only for the asker's tenant.
 */
export const queryRequestSchemas = {
  agent: z.object({ tenant: tenantSchema, agentId: agentIdSchema }),
  list: z.object({
    tenant: tenantSchema,
    parentId: agentIdSchema.optional(),
    rootId: agentIdSchema.optional(),
    status: agentStatusSchema.optional(),
    cursor: z.string().optional(),
    limit: z.int().positive().max(1_000),
  }),
  events: z.object({
    tenant: tenantSchema,
    agentId: agentIdSchema,
    /** First revision to return. */
    from: z.int().nonnegative(),
    limit: z.int().positive().max(1_000),
  }),
  usage: tenantUsageRequestSchema,
  usageReport: usageReportRequestSchema,
  templates: templatesRequestSchema,
  board: z.object({
    tenant: tenantSchema,
    /** Any of the tree. */
    agentId: agentIdSchema,
    /** Of keys. */
    prefix: z.string(),
  }),
  ...replayRequestSchemas,
} as const;

const listedEventSchema = z.object({
  revision: z.int(),
  type: z.string(),
  timeMs: z.int(),
  epoch: z.int(),
  traceparent: z.string().optional(),
  data: z.unknown(),
});
export type ListedEvent = z.infer<typeof listedEventSchema>;

/** What the agents of a tree have written for each other, in the order of the keys. */
export const boardSchema = z.strictObject({
  rootId: z.string(),
  /** Number of writes so far. */
  version: z.int(),
  keys: z.array(
    z.strictObject({
      key: z.string(),
      /** Number of the write that left it so. */
      version: z.int(),
      bytes: z.int(),
      by: z.string(),
      /** Absent where values before it have left no room. */
      value: z.string().optional(),
    }),
  ),
});
export type BoardView = z.infer<typeof boardSchema>;

export const queryAnswerSchemas = {
  agent: z.object({ row: agentRowSchema.optional() }),
  list: z.object({
    rows: z.array(agentRowSchema),
    cursor: z.string().optional(),
  }),
  /** `found` is false for an unknown agent. */
  events: z.object({
    found: z.boolean(),
    events: z.array(listedEventSchema),
    next: z.int().optional(),
  }),
  usage: tenantUsageAnswerSchema,
  usageReport: usageReportAnswerSchema,
  templates: templatesAnswerSchema,
  /** None for an unknown agent. */
  board: z.object({ board: boardSchema.optional() }),
  ...replayAnswerSchemas,
} as const;
export type Query = keyof typeof queryRequestSchemas;
export type QueryRequest<Q extends Query> = z.infer<(typeof queryRequestSchemas)[Q]>;
export type QueryAnswer<Q extends Query> = z.infer<(typeof queryAnswerSchemas)[Q]>;
