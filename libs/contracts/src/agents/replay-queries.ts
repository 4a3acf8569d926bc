import { z } from 'zod';
import { agentIdSchema, principalSchema, tenantSchema } from '../envelope/ids.js';
import { agentRowSchema } from './agent-row.js';
import { limitsSchema, spentSchema } from './limits.js';
import { agentStatusSchema } from './status.js';

const event = z.object({ type: z.string(), data: z.unknown() });

/** Longest text in a state shown, characters, unless the asker wants it whole. */
export const SHOWN_TEXT_CHARS = 2_000;

/** One thing that was said in an agent's conversation, with its texts fetched and cut. */
const saidSchema = z.object({
  by: z.enum(['model', 'tool', 'children', 'caller']),
  text: z.string(),
  toolCallId: z.string().optional(),
  isError: z.boolean().optional(),
  calls: z.array(z.object({ id: z.string(), name: z.string(), arguments: z.string() })).optional(),
});
export type Said = z.infer<typeof saidSchema>;

const amounts = z.object({
  tokens: z.int(),
  costMicroUsd: z.int(),
  descendants: z.int(),
});

/** The state of an agent after the events before revision `at`. */
export const agentStateViewSchema = z.object({
  agentId: agentIdSchema,
  rootId: agentIdSchema,
  /** Events that were folded: the first `at` of the stream. */
  at: z.int(),
  /** Events in the stream now. */
  events: z.int(),
  last: z.object({ type: z.string(), timeMs: z.int() }),
  status: agentStatusSchema,
  model: z.string(),
  task: z.string(),
  epoch: z.int(),
  turns: z.int(),
  /** `spent + setAside + held + left = limits`, for each amount. */
  budget: z.object({
    limits: limitsSchema,
    spent: spentSchema,
    setAside: amounts,
    held: amounts,
    left: amounts,
  }),
  children: z.array(z.object({ agentId: agentIdSchema, status: z.string() })),
  waits: z.array(
    z.object({ toolCallId: z.string(), childIds: z.array(agentIdSchema), needed: z.int() }),
  ),
  modelCall: z.string().optional(),
  toolCalls: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      stage: z.enum(['asked', 'started', 'inDoubt', 'question']),
      attempt: z.int(),
    }),
  ),
  /** What the agent does or waits for after this event, as a sentence. */
  next: z.string(),
  conversation: z.array(saidSchema),
  /** First entry of `conversation`, counted from the beginning. */
  conversationFrom: z.int(),
  conversationLength: z.int(),
});
export type AgentStateView = z.infer<typeof agentStateViewSchema>;

const counted = z.object({ checked: z.int(), unchecked: z.int() });

/** Whether rules and runner would write a log again as it stands. */
export const verificationSchema = z.object({
  agents: z.int(),
  events: z.int(),
  decisions: z.int(),
  /** Hashes of model requests; those of agents with tools of servers can't be rebuilt from the log. */
  requests: counted,
  /** Answers of models; only scripted ones can be asked again. */
  answers: counted,
  /** The first place, in the order of the tree, where they part. */
  divergence: z
    .object({
      agentId: agentIdSchema,
      revision: z.int(),
      type: z.string(),
      reason: z.string(),
      recorded: event.optional(),
      expected: event.optional(),
      suspects: z.array(z.int()).optional(),
    })
    .optional(),
});
export type Verification = z.infer<typeof verificationSchema>;

/** A commit of an agent's stream as archives hold it: everything but its place in the log. */
export const archivedCommitSchema = z.strictObject({
  agentId: agentIdSchema,
  /** Revision of the first event. */
  revision: z.int().nonnegative(),
  id: z.string(),
  events: z
    .array(
      z.strictObject({
        id: z.string(),
        type: z.string(),
        version: z.int(),
        timeMs: z.int(),
        causationId: z.string(),
        correlationId: z.string(),
        tenant: tenantSchema,
        principal: principalSchema,
        epoch: z.int(),
        traceparent: z.string().optional(),
        data: z.unknown(),
      }),
    )
    .min(1),
});
export type ArchivedCommit = z.infer<typeof archivedCommitSchema>;

/** An effect with a recorded or an unknown outcome, as a fork treats it. */
const forkedEffectSchema = z.object({
  agentId: agentIdSchema,
  id: z.string(),
  name: z.string(),
});
export type ForkedEffect = z.infer<typeof forkedEffectSchema>;

/** What a fork would share and do again. */
export const forkPlanSchema = z.object({
  /** First event that is not shared: the start of a commit. */
  at: z.int(),
  /** Ends of calls that are in the log: not made again. */
  shared: z.array(forkedEffectSchema),
  /** Under way at that moment and harmless to repeat: made again. */
  again: z.array(forkedEffectSchema),
  /** Under way or in doubt at that moment: asked about before they are made again. */
  inDoubt: z.array(forkedEffectSchema),
  /** Agents below that had not ended, and are forked as well. */
  agents: z.array(agentIdSchema),
});
export type ForkPlan = z.infer<typeof forkPlanSchema>;

const ofAgent = z.object({ tenant: tenantSchema, agentId: agentIdSchema });
const at = z.int().positive().optional();

/**
 * Questions on `q.views.*` about the past. `replay`: an agent after its first `at` events. `treeAt`: the rows of its whole
 * tree at that moment. `verify`: decides the whole tree again. `commits`: the stream with its metadata. `payload`: a
 * text, or a file, that events name. `forkPlan`: what a fork at that event would do.
 */
export const replayRequestSchemas = {
  replay: ofAgent.extend({
    at,
    /** First entry of the conversation to return. Default: the last that fit. */
    conversationFrom: z.int().nonnegative().optional(),
    textChars: z.int().positive().max(400_000).default(SHOWN_TEXT_CHARS),
  }),
  treeAt: ofAgent.extend({ at }),
  /** `trustRequests`: for logs of other releases, whose offered tools are not known here. */
  verify: ofAgent.extend({ trustRequests: z.boolean().default(false) }),
  commits: ofAgent.extend({ from: z.int().nonnegative() }),
  payload: z.object({
    tenant: tenantSchema,
    sha256: z.string(),
    /** First character to return. */
    from: z.int().nonnegative(),
  }),
  forkPlan: ofAgent.extend({ at }),
} as const;

export const replayAnswerSchemas = {
  replay: z.object({ state: agentStateViewSchema.optional() }),
  treeAt: z.object({ found: z.boolean(), rows: z.array(agentRowSchema) }),
  verify: z.object({ verification: verificationSchema.optional() }),
  commits: z.object({
    found: z.boolean(),
    commits: z.array(archivedCommitSchema),
    /** Where the next page begins. */
    next: z.int().optional(),
  }),
  payload: z.object({
    text: z.string().optional(),
    /** What is paged is the base64 of bytes that are no text. Default: false. */
    isBase64: z.boolean().optional(),
    next: z.int().optional(),
  }),
  /** Neither for an unknown agent; `refused` says why there is nothing to fork. */
  forkPlan: z.object({ plan: forkPlanSchema.optional(), refused: z.string().optional() }),
} as const;
