import { z } from 'zod';
import { usageSchema } from '../../agents/limits.js';
import { agentStatusSchema } from '../../agents/status.js';
import { agentIdInput } from '../agent-shapes.js';
import { readOnly, toolContract } from '../tool-contract.js';

const endedAgent = z.strictObject({
  agentId: z.string(),
  depth: z.int(),
  task: z.string(),
  model: z.string(),
  status: agentStatusSchema,
  reason: z.string().optional(),
  message: z.string().optional(),
  endedAt: z.string().optional(),
});

export const explainFailureTool = toolContract({
  name: 'explain_failure',
  title: 'Explain failure',
  description:
    'Why an agent or one below it did not complete: where it began, its cost, what to do next.',
  role: 'viewer',
  audit: 'none',
  hints: readOnly,
  input: z.strictObject({ agentId: agentIdInput }),
  output: z.strictObject({
    agentId: z.string(),
    status: agentStatusSchema,
    /** One sentence. */
    summary: z.string(),
    /** The agent where it began: itself, one above it or one below it. Absent when nothing failed. */
    cause: endedAgent.optional(),
    /** From the agent that was asked about to the cause. */
    path: z.array(z.string()),
    /** Agents below it that did not complete, by reason; the most frequent first. */
    failedBelow: z.array(z.strictObject({ reason: z.string(), agents: z.int() })),
    /** Of the agent and all below it. */
    spent: usageSchema,
    /** Of it, what was spent by agents that did not complete, each without those below it. */
    spentInVain: usageSchema,
    next: z.array(z.string()),
    /** Present when the tree has more agents than were looked at: so many were. */
    lookedAt: z.int().optional(),
  }),
});
export type FailureExplanation = z.infer<typeof explainFailureTool.output>;
