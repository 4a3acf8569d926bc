import { z } from 'zod';
import type { attachmentV1 } from './stored-v5/attachment-v1.js';
import type { specV4 } from './stored-v5/spawning-v5.js';

export const onParentCloseSchema = z.enum(['terminate', 'continue']);
export type OnParentClose = z.infer<typeof onParentCloseSchema>;

export const prioritySchema = z.int().min(0).max(9);

/** Millionths of a US dollar for a million tokens. */
export const priceSchema = z.strictObject({
  inputMicroUsdPerMillion: z.number().nonnegative(),
  outputMicroUsdPerMillion: z.number().nonnegative(),
});
export type Price = z.infer<typeof priceSchema>;

/** All that was resolved when the agent was asked for; pinned for its life, as the newest event of its spawn has it. */
export type AgentSpec = z.infer<typeof specV4>;
export type ResolvedModel = AgentSpec['model'];
export type Task = AgentSpec['task'];
/** An image or a file; its bytes are a payload of its tenant. */
export type Attachment = z.infer<typeof attachmentV1>;
