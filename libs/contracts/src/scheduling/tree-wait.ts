import { z } from 'zod';
import { agentIdSchema, tenantSchema } from '../envelope/ids.js';

/** Question on `q.schedule.wait`, for the asker's tenant only: what keeps a root from starting. Safe to retry. */
export const treeWaitRequestSchema = z.object({ tenant: tenantSchema, agentId: agentIdSchema });

/** `wait` is absent for what is no root that waits, or waits for nothing but a slot. */
export const treeWaitAnswerSchema = z.object({
  wait: z
    .object({
      /** Name of the tenant's limit. */
      limit: z.enum(['liveAgents', 'runningTrees']),
      max: z.int(),
      /** Trees of the tenant that wait, this one included. */
      waitingTrees: z.int(),
    })
    .optional(),
});
export type TreeWaitAnswer = z.infer<typeof treeWaitAnswerSchema>;
