import { z } from 'zod';
import { agentIdInput, statusShape } from './agent-shapes.js';
import { readOnly, toolContract } from './tool-contract.js';

/** No call holds a connection longer than this. */
const WAIT_MAX_SECONDS = 45;

/** Many clients give up after 20 to 60 s of silence, some after 20 s altogether. */
const WAIT_SECONDS = 20;

export const waitSecondsInput = z.number().min(0).max(WAIT_MAX_SECONDS);

export const waitAgentTool = toolContract({
  name: 'wait_agent',
  title: 'Wait for agent',
  description:
    'Wait until an agent has ended or the time is up, and return its status. Still running: call again.',
  role: 'viewer',
  audit: 'none',
  hints: readOnly,
  input: z.strictObject({
    agentId: agentIdInput,
    timeoutSeconds: waitSecondsInput.describe('At most this long').default(WAIT_SECONDS),
  }),
  output: statusShape,
});
