import { z } from 'zod';
import { replayAnswerSchemas } from '../agents/replay-queries.js';
import { agentIdInput, cursorInput } from './agent-shapes.js';
import { readOnly, toolContract } from './tool-contract.js';

export const exportAgentTool = toolContract({
  name: 'export_agent',
  title: 'Export agent',
  description:
    'The log of one agent in pages, with all that an archive needs; or a payload that it names.',
  role: 'admin',
  audit: 'pages',
  hints: readOnly,
  input: z.strictObject({
    agentId: agentIdInput,
    payload: z.string().min(1).optional().describe('sha256 of what the log names'),
    cursor: cursorInput.optional(),
  }),
  output: z.strictObject({
    commits: replayAnswerSchemas.commits.shape.commits,
    text: z.string().optional(),
    /** Present when the payload is no text: `text` is its base64. */
    base64: z.literal(true).optional(),
    nextCursor: z.string().optional(),
  }),
});
