import { z } from 'zod';
import { agentId, text, usage } from './parts-v1.js';

const held = z.strictObject({
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  costMicroUsd: z.int().nonnegative(),
});

const recovery = z.enum(['retry', 'key', 'ask', 'fail']);

/** A tool call as the model asked for it; `arguments` is JSON text. */
const toolCall = z.strictObject({
  id: z.string(),
  name: z.string(),
  arguments: text,
});

/** Frozen: a new shape is a new version beside this one. */
export const runningV1 = {
  /** A slot is taken; the revision of this event is the id of the dispatch. */
  AgentAdmitted: z.strictObject({}),
  RunStarted: z.strictObject({
    epoch: z.int().positive(),
    dispatchId: z.int().nonnegative(),
    workerId: z.string(),
  }),
  /** The run ended before the agent did: it goes back to the queue. */
  RunYielded: z.strictObject({
    epoch: z.int().positive(),
    reason: z.enum(['paused']),
  }),
  ModelCallStarted: z.strictObject({
    callId: z.string(),
    attempt: z.int().positive(),
    model: z.string(),
    maxTokens: z.int().positive(),
    /** Last turn, without tools, because the budget is used up. */
    windDown: z.boolean(),
    /** Worst case, set aside until the call settles. */
    held,
    /** Chained sha256 of model, settings, offered tools and all messages. */
    requestHash: z.string(),
  }),
  ModelCallSettled: z.strictObject({
    callId: z.string(),
    usage,
    outcome: z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('answered'),
        text,
        toolCalls: z.array(toolCall),
      }),
      z.strictObject({
        kind: z.literal('failed'),
        message: z.string(),
        retryable: z.boolean(),
      }),
      /** The worker died with the call under way; the worst case counts as spent. */
      z.strictObject({ kind: z.literal('lost') }),
    ]),
  }),
  ToolCallStarted: z.strictObject({
    toolCallId: z.string(),
    attempt: z.int().positive(),
    recovery,
  }),
  ToolCallSettled: z.strictObject({
    toolCallId: z.string(),
    content: text,
    isError: z.boolean(),
  }),
  /** Nobody knows whether the call happened; a person or the parent decides. */
  ToolCallInDoubt: z.strictObject({ toolCallId: z.string() }),
  /** The answer to a call in doubt was to start it again. */
  ToolCallReleased: z.strictObject({ toolCallId: z.string() }),
  ProgressReported: z.strictObject({
    message: z.string(),
    percent: z.number().min(0).max(100).optional(),
  }),
  AwaitStarted: z.strictObject({
    toolCallId: z.string(),
    childIds: z.array(agentId),
    mode: z.enum(['all', 'any', 'quorum']),
    /** Ends that are needed; the number of children for `all`, 1 for `any`. */
    needed: z.int().nonnegative(),
    deadlineMs: z.int().positive().optional(),
  }),
  AwaitEnded: z.strictObject({
    toolCallId: z.string(),
    reason: z.enum(['met', 'deadline']),
  }),
  AgentParked: z.strictObject({ waitingFor: z.enum(['children', 'input']) }),
  AgentWoken: z.strictObject({
    reason: z.enum(['children', 'input', 'timer']),
  }),
  AgentPaused: z.strictObject({}),
  AgentResumed: z.strictObject({}),
} as const;
