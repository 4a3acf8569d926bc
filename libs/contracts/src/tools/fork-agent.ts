import { z } from 'zod';
import { requestedLimitsSchema } from '../agents/limits.js';
import { forkPlanSchema } from '../agents/replay-queries.js';
import { agentIdInput, idempotencyKeyInput, madeShape } from './agent-shapes.js';
import { toolContract } from './tool-contract.js';

const wished = z.int().optional();

/** Listed without the words that spawn_agent has for it. */
const limitsInput = z
  .looseObject({
    tokens: wished,
    costMicroUsd: wished,
    seconds: wished,
    depth: wished,
    children: wished,
    descendants: wished,
  })
  .pipe(requestedLimitsSchema);

/** How the new agent is to differ. */
const wishes = {
  model: z.string().min(1).max(128).describe('Default: the same').optional(),
  message: z
    .string()
    .min(1)
    .max(512 * 1024)
    .optional()
    .describe('Said to the new agent'),
  limits: limitsInput.describe('As in spawn_agent; default: what was left').optional(),
  idempotencyKey: idempotencyKeyInput.optional(),
};

const hints = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: true,
};

export const forkAgentTool = toolContract({
  name: 'fork_agent',
  title: 'Fork agent',
  description:
    'A new agent that shares what one and those below it had done before event at. ' +
    'Finished calls are not repeated.',
  role: 'operator',
  scope: 'agents:spawn',
  audit: 'command',
  hints,
  input: z.strictObject({
    agentId: agentIdInput,
    at: z.int().positive().optional().describe('First not shared; default: none'),
    ...wishes,
  }),
  output: z.strictObject({ ...madeShape.shape, ...forkPlanSchema.shape }),
});

export const retryAgentTool = toolContract({
  name: 'retry_agent',
  title: 'Retry agent',
  description: 'A new agent for one that ended without completing, from its last good step.',
  role: 'operator',
  scope: 'agents:spawn',
  audit: 'command',
  hints,
  input: z.strictObject({
    agentId: agentIdInput,
    ...wishes,
    limits: z
      .looseObject({ tokens: wished, seconds: wished })
      .pipe(requestedLimitsSchema)
      .describe('As in fork_agent')
      .optional(),
  }),
  output: z.strictObject({ ...madeShape.shape, retryOf: z.string() }),
});
