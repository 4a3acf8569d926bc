import { z } from 'zod';
import { agentStatusSchema } from '../agents/status.js';
import { agentIdInput, cursorInput } from './agent-shapes.js';
import { readOnly, toolContract } from './tool-contract.js';

export const listAgentsTool = toolContract({
  name: 'list_agents',
  title: 'List agents',
  description: 'Agents, oldest first: all, or of a parent, tree or status.',
  role: 'viewer',
  audit: 'none',
  hints: readOnly,
  input: z.strictObject({
    parentId: agentIdInput.describe('Only its children').optional(),
    rootId: agentIdInput.describe('Only its tree').optional(),
    status: agentStatusSchema.describe('Only those').optional(),
    cursor: cursorInput.optional(),
    limit: z.int().min(1).max(200).describe('Per page').default(50),
  }),
  output: z.strictObject({
    agents: z.array(
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
      }),
    ),
    nextCursor: z.string().optional(),
  }),
});
