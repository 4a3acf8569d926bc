import { z } from 'zod';
import { limitsSchema, usageSchema } from '../agents/limits.js';
import { attachmentShape } from '../arguments/attachments.js';
import { agentStatusSchema, failureSchema } from '../agents/status.js';

export const agentIdInput = z.uuid().toLowerCase().describe('The agent');

export const idempotencyKeyInput = z.string().min(1).max(200).describe('Same key: same agent');

export const cursorInput = z.string().min(1).describe('From nextCursor');

export const childShape = z.strictObject({
  agentId: z.string(),
  status: agentStatusSchema,
  task: z.string(),
});

/** Limits as shown: the deadline is a date. */
const limitsShape = z.strictObject({
  ...limitsSchema.omit({ deadlineMs: true }).shape,
  deadline: z.string(),
});

export const toolsLeftOutShape = z.array(z.strictObject({ tool: z.string(), reason: z.string() }));

/** Why the agent has its model, where that was chosen; `from`: it took over from this one, whose call failed. */
const modelChoiceShape = z.strictObject({
  from: z.string().optional(),
  reasons: z.array(z.string()),
  refused: z.array(z.strictObject({ model: z.string(), reason: z.string() })),
  estimate: z.strictObject({ turns: z.int(), costMicroUsd: z.int() }),
});

export const statusShape = z.strictObject({
  agentId: z.string(),
  rootId: z.string(),
  parentId: z.string().optional(),
  /** In whose place it is. */
  retryOf: z.string().optional(),
  status: agentStatusSchema,
  progress: z.strictObject({ message: z.string(), percent: z.number().optional() }).optional(),
  depth: z.int(),
  /** `version`: as the list of templates shows it; another one there has changed since. */
  template: z.strictObject({ name: z.string(), version: z.string().optional() }).optional(),
  model: z.string(),
  modelChoice: modelChoiceShape.optional(),
  task: z.string(),
  step: z.string().optional(),
  waitingFor: z
    .strictObject({
      kind: z.enum(['children', 'input', 'provider', 'message']),
      ids: z.array(z.string()),
      inDoubt: z.array(z.strictObject({ toolCallId: z.string(), reason: z.string() })).optional(),
      questions: z
        .array(
          z.strictObject({
            toolCallId: z.string(),
            question: z.string(),
            choices: z.array(z.string()).optional(),
            until: z.string().optional(),
          }),
        )
        .optional(),
      until: z.string().optional(),
    })
    .optional(),
  /** Images and files of its task and its tools. */
  attachments: z.array(attachmentShape).optional(),
  /** Granted and not offered, and why. */
  toolsLeftOut: toolsLeftOutShape.optional(),
  /** Messages that it reads at its next turn. */
  unreadMessages: z.int().optional(),
  spent: usageSchema,
  /** Of a root with live children: with all that those have used so far. */
  treeSpent: usageSchema.optional(),
  limits: limitsShape,
  children: z.array(childShape),
  runningTimeMs: z.int(),
  updatedAt: z.string(),
  /** Present while the store of the agents does not answer: when this was read from it last. */
  asOf: z.string().optional(),
});
export type StatusShape = z.infer<typeof statusShape>;

export const failureShape = failureSchema;

/** Answer of the tools that change an agent. */
export const changedShape = z.strictObject({
  agentId: z.string(),
  rootId: z.string(),
  status: agentStatusSchema,
  /** Place of the change in the log: nothing to wait for. */
  logPosition: z.string().optional(),
});

/** Answer of the tools that make an agent. */
export const madeShape = z.strictObject({
  ...changedShape.shape,
  /** Present when the agent was there before: by the same key, or by the same message a minute ago at most. */
  repeated: z.literal(true).optional(),
});
