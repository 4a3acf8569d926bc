import { z } from 'zod';
import { agentId, endStatus, failure, limits, spent, text } from './parts-v1.js';

const report = z.strictObject({
  agentId,
  status: z.string(),
  output: text.optional(),
  failure: failure.optional(),
  spent: spent.optional(),
});

const said = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('answer'),
    text,
    toolCalls: z.array(z.strictObject({ id: z.string(), name: z.string(), arguments: text })),
  }),
  z.strictObject({
    kind: z.literal('toolResult'),
    toolCallId: z.string(),
    content: text,
    isError: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('childReports'),
    toolCallId: z.string(),
    reason: z.enum(['met', 'deadline']),
    reports: z.array(report),
  }),
  z.strictObject({ kind: z.literal('message'), text }),
]);

/** Frozen: a new shape is a new version beside this one. */
export const forkingV1 = {
  /** A part of what another agent was told and had done: results that this agent has without doing the work again. */
  HistoryShared: z.strictObject({
    conversation: z.array(said),
    children: z.array(
      z.strictObject({
        childId: agentId,
        argsHash: z.string(),
        limits,
        onParentClose: z.enum(['terminate', 'continue']),
        collected: z.boolean(),
        ended: z.strictObject({
          status: endStatus,
          spent,
          output: text.optional(),
          failure: failure.optional(),
        }),
      }),
    ),
  }),
  /** The history is complete: from here on the agent goes its own way. */
  AgentForked: z.strictObject({
    /** `revision` is the first event that is not shared. */
    from: z.strictObject({ agentId, revision: z.int().positive() }),
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
        childIds: z.array(agentId),
        mode: z.enum(['all', 'any', 'quorum']),
        needed: z.int().nonnegative(),
        deadlineMs: z.int().positive().optional(),
      }),
    ),
    /** Said to the agent as soon as no call is open. */
    message: text.optional(),
  }),
} as const;
