import { z } from 'zod';

/** Frozen: a new shape is a new version beside this one. */
export const answeringV1 = {
  /** The answer does not fit the schema of the agent's output; what is wrong stands a line each. */
  OutputRejected: z.strictObject({ mistakes: z.string() }),
} as const;
