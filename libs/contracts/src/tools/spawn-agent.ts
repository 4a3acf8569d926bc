import { z } from 'zod';
import { spawnArgumentsSchema } from '../agents/commands.js';
import { agentIdInput, idempotencyKeyInput, madeShape } from './agent-shapes.js';
import { getAgentResultTool } from './get-agent-result.js';
import { toolContract } from './tool-contract.js';
import { waitSecondsInput } from './wait-agent.js';

export const spawnAgentTool = toolContract({
  name: 'spawn_agent',
  title: 'Spawn agent',
  description:
    'Start an AI agent on a task; it works in the background and outlives this connection. Returns its ' +
    'id at once, then wait_agent; with waitSeconds the result, if in time. The same call with the same key, or re-sent ' +
    'within a minute, returns the same agent, repeated: true.',
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
    waitSeconds: waitSecondsInput.describe('Wait for the result').optional(),
  }),
  output: z.strictObject({
    ...madeShape.shape,
    /** As get_agent_result answers. Present when the agent was waited for and has ended; `status` is that of its end then. */
    result: getAgentResultTool.output.optional(),
    /** Present when the agent was waited for and has not ended: how to go on. */
    next: z.string().optional(),
  }),
});
