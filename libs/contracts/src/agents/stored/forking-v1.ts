import { z } from 'zod';
import { agentIdSchema } from '../../envelope/ids.js';
import { textSchema } from '../../envelope/payload.js';
import { limitsSchema, spentSchema } from '../limits.js';
import { endStatusSchema, failureSchema } from '../status.js';

const report = z.strictObject({
  agentId: agentIdSchema,
  status: z.string(),
  output: textSchema.optional(),
  failure: failureSchema.optional(),
  spent: spentSchema.optional(),
});

const said = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('answer'),
    text: textSchema,
    toolCalls: z.array(z.strictObject({ id: z.string(), name: z.string(), arguments: textSchema })),
  }),
  z.strictObject({
    kind: z.literal('toolResult'),
    toolCallId: z.string(),
    content: textSchema,
    isError: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('childReports'),
    toolCallId: z.string(),
    reason: z.enum(['met', 'deadline']),
    reports: z.array(report),
  }),
  z.strictObject({ kind: z.literal('message'), text: textSchema }),
]);

/** Frozen: a new shape is a new version beside this one. */
export const forkingV1 = {
  /** A part of what another agent was told and had done: results that this agent has without doing the work again. */
  HistoryShared: z.strictObject({
    conversation: z.array(said),
    children: z.array(
      z.strictObject({
        childId: agentIdSchema,
        argsHash: z.string(),
        limits: limitsSchema,
        onParentClose: z.enum(['terminate', 'continue']),
        collected: z.boolean(),
        ended: z.strictObject({
          status: endStatusSchema,
          spent: spentSchema,
          output: textSchema.optional(),
          failure: failureSchema.optional(),
        }),
      }),
    ),
  }),
  /** The history is complete: from here on the agent goes its own way. */
  AgentForked: z.strictObject({
    /** `revision` is the first event that is not shared. */
    from: z.strictObject({ agentId: agentIdSchema, revision: z.int().positive() }),
    modelCalls: z.int().nonnegative(),
    /** Calls of the last answer without a result; `started` ones are recovered by the next run. */
    toolCalls: z.array(
      z.strictObject({
        toolCallId: z.string(),
        name: z.string(),
        stage: z.enum(['asked', 'started']),
        attempt: z.int().nonnegative(),
        recovery: z.enum(['retry', 'ask']).optional(),
      }),
    ),
    awaits: z.array(
      z.strictObject({
        toolCallId: z.string(),
        childIds: z.array(agentIdSchema),
        mode: z.enum(['all', 'any', 'quorum']),
        needed: z.int().nonnegative(),
        deadlineMs: z.int().positive().optional(),
      }),
    ),
    /** Said to the agent as soon as no call is open. */
    message: textSchema.optional(),
  }),
} as const;
