import { z } from 'zod';
import { agentIdSchema } from '../envelope/ids.js';

/** Whether what differs is mended. */
export const viewsCheckRequestSchema = z.object({ repair: z.boolean().default(false) });
export type ViewsCheckRequest = z.infer<typeof viewsCheckRequestSchema>;

/** What a comparison of the agents' rows with the log came to. */
export const viewsCheckAnswerSchema = z.object({
  /** Agents that have a row by the log. */
  rows: z.int().nonnegative(),
  /** Agents whose row is missing, behind or another one than the log says; 20 of them at most. */
  different: z.object({ count: z.int().nonnegative(), agentIds: z.array(agentIdSchema).max(20) }),
  /** How many of them are as the log says now. */
  mended: z.int().nonnegative(),
});
export type ViewsCheckAnswer = z.infer<typeof viewsCheckAnswerSchema>;
