import { z } from 'zod';
import { principalSchema, tenantSchema } from '../envelope/ids.js';
import { auditOutcomeSchema } from './audit-entry.js';
import { auditV1 } from './stored/audit-v1.js';

/** What records are looked for; all that is named must hold. */
const auditFilterSchema = z.object({
  /** Only that record. */
  seq: z.int().nonnegative().optional(),
  act: z.string().max(64).optional(),
  outcome: auditOutcomeSchema.optional(),
  principal: principalSchema.optional(),
  /** Id of what the act was done to. */
  target: z.string().max(200).optional(),
  /** Epoch milliseconds, by the clock of who told it. */
  sinceMs: z.number().optional(),
  untilMs: z.number().optional(),
});
export type AuditFilter = z.infer<typeof auditFilterSchema>;

const paged = { cursor: z.string().max(64).optional(), limit: z.int().min(1).max(200) };
const cursor = z.string().max(64).optional();

/** Questions on `q.audit.*`. `list` is the edge's, of one tenant; all others are an operator's. All are safe to retry. */
export const auditRequestSchemas = {
  /** Newest first. */
  list: auditFilterSchema.extend({ tenant: tenantSchema, ...paged }),
  /** Of all tenants, and what is of none. */
  search: auditFilterSchema.extend({ tenant: tenantSchema.optional(), ...paged }),
  /** Oldest first, as lines of an export. */
  page: z.object({ from: z.int().nonnegative(), cursor }),
  /** Signs the chain as it is now. */
  head: z.object({}),
  keys: z.object({}),
} as const;

const found = z.object({ records: z.array(auditV1.ActRecorded), cursor });

export const auditAnswerSchemas = {
  /** Pages may be short or empty while there is a cursor: a question looks through some thousand records at most. */
  list: found,
  search: found,
  page: z.object({
    lines: z.array(
      z.union([
        z.object({ record: auditV1.ActRecorded }),
        z.object({ checkpoint: auditV1.CheckpointSigned }),
      ]),
    ),
    cursor,
  }),
  /** Absent: nothing is recorded. */
  head: z.object({ seq: z.int().nonnegative(), jws: z.string() }).partial(),
  keys: z.object({ keys: z.array(z.record(z.string(), z.string())) }),
} as const;
export type AuditQuery = keyof typeof auditRequestSchemas;
export type AuditRequest<Q extends AuditQuery> = z.infer<(typeof auditRequestSchemas)[Q]>;
export type AuditAnswer<Q extends AuditQuery> = z.infer<(typeof auditAnswerSchemas)[Q]>;
