import { z } from 'zod';
import { agentIdSchema } from '../envelope/ids.js';

/** What a rebuild of the agents' rows from the log came to. */
export const rebuildAnswerSchema = z.object({
  /** The bucket that is live now. */
  bucket: z.string(),
  rows: z.int().nonnegative(),
  /** Rows that were the same before. */
  equal: z.int().nonnegative(),
  /** Agents whose row was another one at the same revision, or was missing; 20 of them at most. */
  different: z.object({ count: z.int().nonnegative(), agentIds: z.array(agentIdSchema).max(20) }),
  /** Rows that changed during the rebuild, and so were not compared. */
  moved: z.int().nonnegative(),
});
export type RebuildAnswer = z.infer<typeof rebuildAnswerSchema>;
