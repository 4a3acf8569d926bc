import { z } from 'zod';
import { auditOutcomeSchema, auditTargetSchema } from '../audit/audit-entry.js';
import { cursorInput } from './agent-shapes.js';
import { readOnly, toolContract } from './tool-contract.js';

const time = z.iso.datetime({ offset: true });

export const listAuditTool = toolContract({
  name: 'list_audit',
  title: 'List audit records',
  description:
    'Who did or was refused what in your tenant, newest first: logins, tokens, spawns, control of agents, administration.',
  role: 'admin',
  audit: 'pages',
  hints: readOnly,
  input: z.strictObject({
    act: z.string().max(64).optional().describe('Only that act, for example login or spawn_agent'),
    outcome: auditOutcomeSchema.optional().describe('Only those'),
    principal: z.string().min(1).max(128).optional().describe('Only what that user or client did'),
    target: z.string().min(1).max(200).optional().describe('Only what was done to that id'),
    since: time.optional().describe('Not before this time, ISO 8601'),
    until: time.optional().describe('Not after this time, ISO 8601'),
    seq: z.int().min(0).optional().describe('Only the record with that number'),
    cursor: cursorInput.optional(),
    limit: z.int().min(1).max(200).describe('Per page').default(50),
  }),
  output: z.strictObject({
    records: z.array(
      z.strictObject({
        seq: z.int(),
        time: z.string(),
        act: z.string(),
        outcome: auditOutcomeSchema,
        principal: z.string().optional(),
        client: z.string().optional(),
        address: z.string().optional(),
        target: auditTargetSchema.optional(),
        reason: z.string().optional(),
        traceparent: z.string().optional(),
        details: z.record(z.string(), z.string()).optional(),
      }),
    ),
    /** There may be more behind a page that is short. */
    nextCursor: z.string().optional(),
  }),
});
