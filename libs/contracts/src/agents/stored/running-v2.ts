import { z } from 'zod';
import { agentId, payloadRef, text, usage } from './parts-v1.js';

const toolCall = z.strictObject({ id: z.string(), name: z.string(), arguments: text });

const leftOut = z.strictObject({ tool: z.string(), reason: z.string() });

const image = z.strictObject({
  mimeType: z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp']),
  data: text,
});

/** Where a slot comes from. */
const slot = z.discriminatedUnion('kind', [
  /** The scheduler gave it to this agent. */
  z.strictObject({ kind: z.literal('given') }),
  /** It stays with its tree: a run of this agent, of the same tree, has freed it. */
  z.strictObject({ kind: z.literal('kept'), of: agentId }),
  /** One of those that the scheduler lent to the worker. */
  z.strictObject({ kind: z.literal('lent'), loanId: z.string() }),
]);

/** Frozen: a new shape is a new version beside this one. */
export const runningV2 = {
  /** A slot is taken; the revision of this event is the id of the dispatch. */
  AgentAdmitted: z.strictObject({ slot }),
  RunStarted: z.strictObject({
    epoch: z.int().positive(),
    dispatchId: z.int().nonnegative(),
    workerId: z.string(),
    /**
     * The definitions of all tools that the requests of this run offer, a JSON array of {name, description, inputSchema};
     * null: they were not recorded, as before this version.
     */
    offered: payloadRef.nullable(),
  }),
  ModelCallSettled: z.strictObject({
    callId: z.string(),
    usage,
    outcome: z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('answered'),
        text,
        toolCalls: z.array(toolCall),
        /** What the provider wants back with the results of the calls, in its own form; nobody else reads it. */
        thinking: text.optional(),
      }),
      z.strictObject({
        kind: z.literal('failed'),
        message: z.string(),
        retryable: z.boolean(),
      }),
      z.strictObject({ kind: z.literal('lost') }),
    ]),
  }),
  /** From the next request on other tools are offered than the run began with, or some that were granted are not. */
  ToolsOffered: z.strictObject({
    /** As in RunStarted. */
    offered: payloadRef,
    /** Granted and not offered, and why. */
    leftOut: z.array(leftOut),
  }),
  /** `provider`: its model is to be asked again at `untilMs`, epoch milliseconds; only then is there one. */
  AgentParked: z.strictObject({
    waitingFor: z.enum(['children', 'input', 'provider']),
    untilMs: z.int().nonnegative().optional(),
  }),
  ToolCallSettled: z.strictObject({
    toolCallId: z.string(),
    content: text,
    isError: z.boolean(),
    /** What a model that sees is shown with the content; `data` is base64. */
    images: z.array(image).optional(),
  }),
  /** Nobody knows whether the call happened, and why; a person or the parent decides. */
  ToolCallInDoubt: z.strictObject({ toolCallId: z.string(), reason: z.string() }),
  /** The run ended before the agent did: it goes back to the queue. `handover`: its worker shuts down. */
  RunYielded: z.strictObject({
    epoch: z.int().positive(),
    reason: z.enum(['paused', 'handover']),
  }),
} as const;
