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
} as const;
