import { z } from 'zod';
import { requestedLimitsSchema } from '../agents/limits.js';
import { forkPlanSchema } from '../agents/replay-queries.js';
import { agentIdInput, changedShape } from './agent-shapes.js';
import { toolContract } from './tool-contract.js';

/** Spelled out for `spawn_agent`; here every name counts in the list of tools. */
const limitsByName = z
  .partialRecord(requestedLimitsSchema.keyof(), z.int().nonnegative())
  .describe('As of spawn_agent; default: what was left');

export const forkAgentTool = toolContract({
  name: 'fork_agent',
  title: 'Fork agent',
  description:
    'A new agent that shares what an agent and those below it had done before event at (default all), with another ' +
    'model, message or limits. Finished calls are not repeated; the answer lists them and what is done again.',
  role: 'operator',
  scope: 'agents:spawn',
  hints: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: true,
  },
  input: z.strictObject({
    agentId: agentIdInput,
    at: z.int().positive().optional(),
    model: z.string().min(1).max(128).optional(),
    message: z
      .string()
      .min(1)
      .max(512 * 1024)
      .optional(),
    limits: limitsByName.optional(),
    idempotencyKey: z.string().min(1).max(200).optional(),
  }),
  output: z.strictObject({ ...changedShape.shape, ...forkPlanSchema.shape }),
});
