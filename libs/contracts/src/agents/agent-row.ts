import { z } from 'zod';
import { agentIdSchema, principalSchema, tenantSchema } from '../envelope/ids.js';
import { attachmentShape } from '../arguments/attachments.js';
import { textSchema } from '../envelope/payload.js';
import { modelUseSchema, openCallSchema, toolUseSchema } from '../usage/call-use.js';
import { limitsSchema, spentSchema } from './limits.js';
import { agentStatusSchema, failureSchema } from './status.js';

/** The current state of one agent as readers see it; one row per agent, in the bucket `agents` under the agent's id. */
export const agentRowSchema = z.object({
  agentId: agentIdSchema,
  rootId: agentIdSchema,
  parentId: agentIdSchema.optional(),
  tenant: tenantSchema,
  principal: principalSchema,
  depth: z.int(),
  /** Whose history it shares, up to this event; the fork of a child names the child's. */
  forkedFrom: z.object({ agentId: agentIdSchema, revision: z.int() }).optional(),
  /** In whose place it is, when that one had ended. */
  retryOf: agentIdSchema.optional(),
  status: agentStatusSchema,
  /** The status behind `paused`. */
  resumesAs: agentStatusSchema.optional(),
  model: z.string(),
  /** Why it has this model, where that was chosen; `from`: instead of this one, whose call failed. */
  modelChoice: z
    .object({
      from: z.string().optional(),
      reasons: z.array(z.string()),
      refused: z.array(z.object({ model: z.string(), reason: z.string() })),
      estimate: z.object({ turns: z.int(), costMicroUsd: z.int() }),
    })
    .optional(),
  template: z.string().optional(),
  /** As the list of templates shows it. Absent: without a template, or a release from before wrote the row. */
  templateVersion: z.string().optional(),
  /** The description, cut to 200 characters. */
  task: z.string(),
  progress: z.object({ message: z.string(), percent: z.number().optional() }).optional(),
  /** Granted and not offered in its last run, and why. */
  toolsLeftOut: z.array(z.object({ tool: z.string(), reason: z.string() })).optional(),
  /** What it does now: `model`, or `tool` and the name of the one that began last. */
  step: z.string().optional(),
  waitingFor: z
    .object({
      kind: z.enum(['children', 'input', 'provider', 'message']),
      /** Children, or tool calls that need an answer. */
      ids: z.array(z.string()),
      /** Why a tool call is in doubt. */
      inDoubt: z.array(z.object({ toolCallId: z.string(), reason: z.string() })).optional(),
      /** What people are asked, each by a tool call. */
      questions: z
        .array(
          z.object({
            toolCallId: z.string(),
            question: z.string(),
            choices: z.array(z.string()).optional(),
            deadlineMs: z.int().optional(),
          }),
        )
        .optional(),
      /** When a provider is asked again. */
      untilMs: z.int().optional(),
    })
    .optional(),
  /** Messages that it has not read yet; absent without any. */
  unread: z.int().positive().optional(),
  spent: spentSchema,
  /** What its own calls used, the oldest first, by day and name. Absent: a release from before wrote the row. */
  modelUse: z.array(modelUseSchema).optional(),
  toolUse: z.array(toolUseSchema).optional(),
  /** Those under way, or that were when it ended. Absent: none. */
  openCalls: z.array(openCallSchema).optional(),
  limits: limitsSchema,
  childIds: z.array(agentIdSchema),
  /** Its output is JSON that fits a schema, once it has completed. Default: false. */
  answersInJson: z.boolean().optional(),
  /** Of its task and its tools, the newest last; of many the newest. Absent: none. */
  attachments: z.array(attachmentShape).optional(),
  output: textSchema.optional(),
  partial: textSchema.optional(),
  failure: failureSchema.optional(),
  /** Why its stream is not read beyond `revision`; `isNewer`: it goes on with a newer release. */
  setAside: z.object({ place: z.string(), reason: z.string(), isNewer: z.boolean() }).optional(),
  spawnedAtMs: z.int(),
  /** Sum of the runs that have ended, milliseconds. */
  ranMs: z.int(),
  /** Start of the run under way. */
  runningSinceMs: z.int().optional(),
  endedAtMs: z.int().optional(),
  updatedAtMs: z.int(),
  /** Revision of the last event folded in. */
  revision: z.int(),
});
export type AgentRow = z.infer<typeof agentRowSchema>;

/** Bucket of the rows, until they are rebuilt into the other one. */
export const AGENT_ROWS = 'agents';

/** Rows are rebuilt from the log in the one of these that is not live. */
export const AGENT_ROW_BUCKETS = [AGENT_ROWS, 'agents_b'] as const;

/** Key that names the live one of them, in the bucket of the checkpoints. */
export const AGENT_ROWS_POINTER = 'rows.agents';

/** Core NATS hint on `view.agent.<agentId>`: the row has reached this revision. That of a root that has ended is in it, unless it is large. */
export const agentViewHintSchema = z.object({
  revision: z.int(),
  status: agentStatusSchema,
  row: agentRowSchema.optional().catch(undefined),
});
export type AgentViewHint = z.infer<typeof agentViewHintSchema>;
