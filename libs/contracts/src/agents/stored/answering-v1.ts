import { z } from 'zod';

/** Frozen: a new shape is a new version beside this one. */
export const answeringV1 = {
  /** The answer does not fit the schema of the agent's output; `message` tells the model what is wrong. */
  OutputRejected: z.strictObject({ message: z.string() }),
} as const;
