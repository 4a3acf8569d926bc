import { z } from 'zod';
import { boardSchema } from '../agents/queries.js';
import { agentIdInput, statusShape } from './agent-shapes.js';
import { readOnly, toolContract } from './tool-contract.js';

export const getAgentStatusTool = toolContract({
  name: 'get_agent_status',
  title: 'Get agent status',
  description: 'What an agent does now: state, progress, children, spent of which limits.',
  role: 'viewer',
  audit: 'none',
  hints: readOnly,
  input: z.strictObject({
    agentId: agentIdInput,
    board: z.string().max(128).optional().describe("Shows its tree's board: keys that begin so"),
  }),
  output: statusShape.extend({ board: boardSchema.optional() }),
});
