import { z } from 'zod';
import { agentIdSchema } from '../envelope/ids.js';
import { onParentCloseSchema, prioritySchema } from './agent-spec.js';
import { extensionSchema, requestedLimitsSchema } from './limits.js';
import { attachmentInputSchema, ATTACHMENTS_MAX } from '../arguments/attachments.js';
import { outputSchemaSchema } from '../arguments/output-schema.js';
import { strategySchema } from '../arguments/strategy.js';
import { toolGrantSchema } from './tool-grant.js';

const text = z.string().max(512 * 1024);

function saysSomething(said: string): boolean {
  return said.trim() !== '';
}

const spawnTaskSchema = z.strictObject({
  description: text
    .min(1)
    .refine(saysSomething, 'has no visible character')
    .describe('What the agent shall do; not empty'),
  context: text.optional().describe('Facts it needs'),
  expectedOutput: text.optional().describe('Shape of the answer'),
});

const requestedModelSchema = z.strictObject({
  id: z.string().min(1).max(128).describe('provider:name; default: auto').optional(),
  temperature: z.number().min(0).max(2).optional().describe('Randomness'),
  maxTokens: z.int().positive().max(1_000_000).optional().describe('Per answer'),
});

/** The one schema of a spawn: clients use it, and so does an agent's own `spawn_agent` tool. */
export const spawnArgumentsSchema = z.strictObject({
  task: spawnTaskSchema.describe('What to do'),
  attachments: z
    .array(attachmentInputSchema)
    .max(ATTACHMENTS_MAX)
    .describe('Files: id, base64 data or data: uri')
    .optional(),
  name: z.string().trim().min(1).max(64).describe('For people').optional(),
  model: requestedModelSchema.optional().describe('Its model'),
  template: z.string().min(1).max(64).describe('Prepared kind of agent').optional(),
  arguments: z.record(z.string().max(64), text).optional().describe('Of the template'),
  tools: z
    .array(toolGrantSchema)
    .max(64)
    .describe('server__tool; default: parent’s or template’s')
    .optional(),
  limits: requestedLimitsSchema.optional().describe('Default: the operator’s'),
  outputSchema: outputSchemaSchema.describe('JSON Schema of its answer').optional(),
  strategy: strategySchema.optional().describe('How it splits its task: parallel, map-reduce, …'),
  priority: prioritySchema.optional().describe('Higher first, default 5'),
  onParentClose: onParentCloseSchema.optional().describe('Default terminate'),
  metadata: z
    .record(z.string().max(64), z.string().max(256))
    .optional()
    .describe('Notes, ≤ 256 characters by name (≤ 64)'),
});
export type SpawnArguments = z.infer<typeof spawnArgumentsSchema>;

/** Of a schedule, which may be there longer than files that nobody names. */
export const scheduledSpawnSchema = spawnArgumentsSchema.omit({ attachments: true });

/** UTF-8 bytes of one message to an agent. */
const MESSAGE_MAX_BYTES = 32 * 1024;

export const messageTextSchema = z
  .string()
  .min(1)
  .refine((said) => new TextEncoder().encode(said).length <= MESSAGE_MAX_BYTES, 'is over 32 KiB')
  .refine(saysSomething, 'has no visible character');

/** A topic of a tree. */
export const topicSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._/-]{0,63}$/, 'is no topic: a-z, 0-9 and . _ / -, 64 at most');

/** Commands that other services send to the owner of agents. */
export const agentCommandSchemas = {
  SpawnAgent: z.strictObject({
    agentId: agentIdSchema,
    parentId: agentIdSchema.optional(),
    arguments: spawnArgumentsSchema,
  }),
  /** A new root begins with what another agent had done before an event. */
  ForkAgent: z.strictObject({
    agentId: agentIdSchema,
    from: z.strictObject({ agentId: agentIdSchema, revision: z.int().positive() }),
    model: requestedModelSchema.optional(),
    message: text.min(1).optional(),
    limits: requestedLimitsSchema.optional(),
  }),
  /** A new agent takes the place of one that has ended and not completed: a root, or a child of a parent that lives. */
  RetryAgent: z.strictObject({
    agentId: agentIdSchema,
    retryOf: agentIdSchema,
    model: requestedModelSchema.optional(),
    message: text.min(1).optional(),
    limits: requestedLimitsSchema.optional(),
  }),
  PauseAgent: z.strictObject({ agentId: agentIdSchema }),
  ResumeAgent: z.strictObject({ agentId: agentIdSchema }),
  TerminateAgent: z.strictObject({
    agentId: agentIdSchema,
    reason: z.string().max(1_000),
  }),
  /** The agent reads it before its next model call. The id of the command is that of the message. */
  SendAgentMessage: z.strictObject({
    agentId: agentIdSchema,
    text: messageTextSchema,
    /** Waits for children and the model call under way end for it. */
    interrupts: z.boolean(),
    /** All agents of its tree that have not ended are told. Default: the agent alone. */
    tree: z.boolean().optional(),
  }),
  /** More budget or time: of a root out of its tenant's, of a child out of its parent's. */
  ExtendAgent: z.strictObject({ agentId: agentIdSchema, add: extensionSchema }),
  /** Decides a tool call whose outcome nobody knows. */
  AnswerAgent: z.strictObject({
    agentId: agentIdSchema,
    toolCallId: z.string(),
    answer: z.discriminatedUnion('decision', [
      z.strictObject({ decision: z.literal('retry') }),
      z.strictObject({ decision: z.literal('happened'), result: text }),
      z.strictObject({ decision: z.literal('failed'), message: text }),
    ]),
  }),
  /** The scheduler gives slots to queued agents; whoever carries it out begins those for which it has room. */
  AdmitAgents: z.strictObject({
    agents: z
      .array(
        z.strictObject({
          agentId: agentIdSchema,
          queuedRevision: z.int().nonnegative(),
          /** W3C trace context of the agent, that its run goes on from. */
          traceparent: z.string().optional(),
        }),
      )
      .min(1)
      .max(1_000),
  }),
  /** Of schedulers of older releases: nothing comes of it. */
  RefuseAgent: z.strictObject({ agentId: agentIdSchema, message: z.string() }),
  ExpireAgent: z.strictObject({ agentId: agentIdSchema }),
  /** The time until which it waits for its provider has come. */
  WakeAgent: z.strictObject({ agentId: agentIdSchema }),
  /** The deadline of an await has passed. */
  EndAwait: z.strictObject({ agentId: agentIdSchema, toolCallId: z.string() }),
} as const;

export type AgentCommandType = keyof typeof agentCommandSchemas;
export type AgentCommandData<Type extends AgentCommandType> = z.infer<
  (typeof agentCommandSchemas)[Type]
>;
