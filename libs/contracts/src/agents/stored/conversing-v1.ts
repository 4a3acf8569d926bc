import { z } from 'zod';
import { text } from './parts-v1.js';

/** So many entries of the conversation, its oldest, are concerned. */
const entries = z.int().positive();
/** The window of the model that had to hold the next request. */
const contextTokens = z.int().positive();

/** Frozen: a new shape is a new version beside this one. */
export const conversingV1 = {
  /** The answer does not fit the schema of the agent's output; what is wrong stands a line each. */
  OutputRejected: z.strictObject({ mistakes: z.string() }),
  /** From here on requests carry less of what was said. */
  ConversationCompacted: z.discriminatedUnion('kind', [
    /** Of large results of tools and agents only their sizes are left. */
    z.strictObject({ kind: z.literal('results'), entries, contextTokens }),
    /** `text` takes the place of all of them. */
    z.strictObject({ kind: z.literal('summary'), entries, contextTokens, text }),
  ]),
  /** From here on this model is asked, and not the one that the agent was spawned with or had until now. */
  ModelChosen: z.strictObject({
    model: z.strictObject({
      id: z.string(),
      maxTokens: z.int().positive(),
      price: z.strictObject({
        inputMicroUsdPerMillion: z.number().nonnegative(),
        outputMicroUsdPerMillion: z.number().nonnegative(),
      }),
    }),
    /** The model whose call failed; absent: it is the first one, chosen for the task. */
    from: z.string().optional(),
    /** In words, the weightiest first. */
    reasons: z.array(z.string()),
    /** What else there was to choose, and why it was not to be had. */
    refused: z.array(z.strictObject({ model: z.string(), reason: z.string() })),
    /** What the agent is thought to cost by itself; nothing depends on it. */
    estimate: z.strictObject({ turns: z.int().positive(), costMicroUsd: z.int().nonnegative() }),
  }),
} as const;
