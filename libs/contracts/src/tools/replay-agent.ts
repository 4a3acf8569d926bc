import { z } from 'zod';
import { agentStateViewSchema, verificationSchema } from '../agents/replay-queries.js';
import { agentStatusSchema } from '../agents/status.js';
import { agentIdInput } from './agent-shapes.js';
import { readOnly, toolContract } from './tool-contract.js';

export const replayAgentTool = toolContract({
  name: 'replay_agent',
  title: 'Replay agent',
  description:
    'An agent as it was after its first at events (default all), or its tree then. verify names ' +
    'the first event of the tree’s log that does not follow.',
  role: 'operator',
  audit: 'call',
  hints: readOnly,
  input: z.strictObject({
    agentId: agentIdInput,
    at: z.int().positive().optional().describe('How many of its events'),
    show: z.enum(['state', 'tree', 'verify']).describe('What is answered').default('state'),
    conversationFrom: z.int().nonnegative().optional().describe('First message shown'),
  }),
  output: z.strictObject({
    agentId: z.string(),
    state: agentStateViewSchema.optional(),
    tree: z
      .array(
        z.strictObject({
          agentId: z.string(),
          rootId: z.string(),
          parentId: z.string().optional(),
          depth: z.int(),
          status: agentStatusSchema,
          task: z.string(),
          model: z.string(),
          progress: z.string().optional(),
          updatedAt: z.string(),
          events: z.int(),
        }),
      )
      .optional(),
    verification: verificationSchema.optional(),
  }),
});
