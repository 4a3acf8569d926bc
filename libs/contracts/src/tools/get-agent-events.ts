import { z } from 'zod';
import { agentIdInput, cursorInput } from './agent-shapes.js';
import { readOnly, toolContract } from './tool-contract.js';

export const getAgentEventsTool = toolContract({
  name: 'get_agent_events',
  title: 'Get agent events',
  description: 'The log of an agent, oldest first, in pages: to see why.',
  role: 'viewer',
  audit: 'none',
  hints: readOnly,
  input: z.strictObject({
    agentId: agentIdInput,
    cursor: cursorInput.optional(),
  }),
  output: z.strictObject({
    events: z.array(
      z.strictObject({
        revision: z.int(),
        type: z.string(),
        time: z.string(),
        epoch: z.int(),
        traceparent: z.string().optional(),
        data: z.record(z.string(), z.unknown()),
      }),
    ),
    nextCursor: z.string().optional(),
  }),
});
