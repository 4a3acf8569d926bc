import { z } from 'zod';
import { spawnArgumentsSchema } from '../agents/commands.js';
import { agentIdInput, idempotencyKeyInput, madeShape } from './agent-shapes.js';
import { toolContract } from './tool-contract.js';

export const spawnAgentTool = toolContract({
  name: 'spawn_agent',
  title: 'Spawn agent',
  description:
    'Start an AI agent on a task; it works in the background, may spawn agents of its own, and outlives this ' +
    'connection. Returns its id at once: then wait_agent or get_agent_result. The same call with the same idempotencyKey, ' +
    'or re-sent within a minute, returns the same agent, repeated: true; another key makes another.',
  role: 'operator',
  scope: 'agents:spawn',
  audit: 'command',
  hints: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: true,
  },
  input: z.strictObject({
    ...spawnArgumentsSchema.shape,
    parentId: agentIdInput.describe('Agent to spawn it below').optional(),
    idempotencyKey: idempotencyKeyInput.optional(),
  }),
  output: madeShape,
});
