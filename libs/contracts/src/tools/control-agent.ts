import { z } from 'zod';
import { messageTextSchema } from '../agents/commands.js';
import { extensionSchema } from '../agents/limits.js';
import { agentIdInput, changedShape, idempotencyKeyInput } from './agent-shapes.js';
import { toolContract } from './tool-contract.js';

const idempotent = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const;

export const pauseAgentTool = toolContract({
  name: 'pause_agent',
  title: 'Pause agent',
  description: 'Hold an agent and its children at their next step until resume_agent.',
  role: 'operator',
  audit: 'command',
  hints: idempotent,
  input: z.strictObject({ agentId: agentIdInput }),
  output: changedShape,
});

export const resumeAgentTool = toolContract({
  name: 'resume_agent',
  title: 'Resume agent',
  description: 'Let a paused agent and its children go on.',
  role: 'operator',
  audit: 'command',
  hints: idempotent,
  input: z.strictObject({ agentId: agentIdInput }),
  output: changedShape,
});

export const terminateAgentTool = toolContract({
  name: 'terminate_agent',
  title: 'Terminate agent',
  description: 'End an agent and all below it, at once and for good. Work done is kept.',
  role: 'operator',
  audit: 'command',
  hints: { ...idempotent, destructiveHint: true },
  input: z.strictObject({
    agentId: agentIdInput,
    reason: z.string().max(1_000).describe('Kept with it').optional(),
  }),
  output: changedShape,
});

export const sendAgentMessageTool = toolContract({
  name: 'send_agent_message',
  title: 'Send agent a message',
  description: 'Tell a running agent something, read at its next turn.',
  role: 'operator',
  audit: 'command',
  hints: { ...idempotent, idempotentHint: false, openWorldHint: true },
  input: z.strictObject({
    agentId: agentIdInput,
    text: messageTextSchema.describe('≤ 32 KiB'),
    interrupt: z.boolean().optional().describe('At once: ends its wait or model call'),
    tree: z.boolean().optional().describe('All of its tree'),
    idempotencyKey: idempotencyKeyInput.describe('Same key: same message').optional(),
  }),
  output: changedShape,
});

export const extendAgentTool = toolContract({
  name: 'extend_agent',
  title: 'Extend agent',
  description: 'Give a live agent more budget or time: a child out of what its parent has left.',
  role: 'operator',
  audit: 'command',
  hints: { ...idempotent, idempotentHint: false },
  input: z.strictObject({
    agentId: agentIdInput,
    add: extensionSchema.describe('As limits, beside what it has'),
    idempotencyKey: idempotencyKeyInput.describe('Same key: once').optional(),
  }),
  output: changedShape,
});

export const answerAgentTool = toolContract({
  name: 'answer_agent',
  title: 'Answer agent',
  description:
    'Answer a question of an agent: answered, with text. Or decide a tool call in doubt after a crash: ' +
    'check, then say retry, happened (with its result) or failed (with a message).',
  role: 'operator',
  audit: 'command',
  hints: { ...idempotent, destructiveHint: true, openWorldHint: true },
  input: z.strictObject({
    agentId: agentIdInput,
    toolCallId: z.string().describe('One of waitingFor.ids of its status'),
    decision: z
      .enum(['retry', 'happened', 'failed', 'answered'])
      .describe('What became of the call'),
    text: z
      .string()
      .max(512 * 1024)
      .optional()
      .describe('The answer, its result or its message'),
  }),
  output: changedShape,
});
