import { z } from 'zod';
import { usageSchema } from '../agents/limits.js';
import { attachmentShape } from '../arguments/attachments.js';
import { agentStatusSchema } from '../agents/status.js';
import {
  agentIdInput,
  childShape,
  failureShape,
  toolsLeftOutShape,
  cursorInput,
} from './agent-shapes.js';
import { readOnly, toolContract } from './tool-contract.js';

/** Characters of output in one answer; the rest comes with the cursor. */
export const RESULT_PAGE_CHARS = 20_000;

export const getAgentResultTool = toolContract({
  name: 'get_agent_result',
  title: 'Get agent result',
  description:
    'The answer of an agent. Before its end: what there is so far, with partial true. A failure says why and whether ' +
    'to retry. Long output comes in pages.',
  role: 'viewer',
  audit: 'none',
  hints: readOnly,
  input: z.strictObject({
    agentId: agentIdInput,
    cursor: cursorInput.optional(),
  }),
  output: z.strictObject({
    agentId: z.string(),
    status: agentStatusSchema,
    output: z.string(),
    /** The output as JSON, of an agent that was given a schema for it and has completed. Absent when it takes more than one page. */
    structuredOutput: z.unknown().optional(),
    partial: z.boolean().optional(),
    failure: failureShape.optional(),
    /** Those of the agent and its children whose ids the whole output names. */
    attachments: z.array(attachmentShape).optional(),
    toolsLeftOut: toolsLeftOutShape.optional(),
    usage: usageSchema,
    children: z.array(childShape),
    nextCursor: z.string().optional(),
    /** As in get_agent_status. */
    asOf: z.string().optional(),
  }),
});
export type ResultShape = z.infer<typeof getAgentResultTool.output>;
