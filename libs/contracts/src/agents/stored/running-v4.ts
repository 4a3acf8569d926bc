import { z } from 'zod';
import { text, usage } from './parts-v1.js';
import { runningV2 } from './running-v2.js';

const toolCall = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** JSON as it is acted upon. */
  arguments: text,
  /** What the model wrote, where that was no JSON and was repaired. */
  repairedFrom: text.optional(),
});

const held = z.strictObject({
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  costMicroUsd: z.int().nonnegative(),
});

/** Frozen: a new shape is a new version beside this one. */
export const runningV4 = {
  ModelCallStarted: z.strictObject({
    callId: z.string(),
    attempt: z.int().positive(),
    model: z.string(),
    maxTokens: z.int().positive(),
    /** As before. */
    windDown: z.boolean(),
    held,
    requestHash: z.string(),
    /** What the answer is for: the agent goes on with it (the default), or it is a summary of what was said. */
    purpose: z.enum(['answer', 'compaction']).optional(),
    /** Of a call for a summary: the window of the model that the conversation has to fit. */
    contextTokens: z.int().positive().optional(),
  }),
  ModelCallSettled: z.strictObject({
    callId: z.string(),
    usage,
    /** Of the input tokens, those that the provider had from a call before, and what that saved. */
    cached: z
      .strictObject({ tokens: z.int().nonnegative(), savedMicroUsd: z.int().nonnegative() })
      .optional(),
    outcome: z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('answered'),
        text,
        toolCalls: z.array(toolCall),
        /** As before. */
        thinking: text.optional(),
      }),
      z.strictObject({
        kind: z.literal('failed'),
        message: z.string(),
        retryable: z.boolean(),
      }),
      z.strictObject({ kind: z.literal('lost') }),
      /** Cut off for a message; what it used is counted at its worst case unless it was never made. */
      z.strictObject({ kind: z.literal('interrupted') }),
    ]),
  }),
  /** `fromCache`: the result of the same call of another time; none was made. */
  ToolCallSettled: runningV2.ToolCallSettled.extend({ fromCache: z.literal(true).optional() }),
  /** `message`: for nothing but a message; that await has no children and needs one end. */
  AgentParked: z.strictObject({
    waitingFor: z.enum(['children', 'input', 'provider', 'message']),
    untilMs: z.int().nonnegative().optional(),
  }),
  AwaitEnded: z.strictObject({
    toolCallId: z.string(),
    reason: z.enum(['met', 'deadline', 'message']),
  }),
  AgentWoken: z.strictObject({
    reason: z.enum(['children', 'input', 'timer', 'message']),
  }),
} as const;
