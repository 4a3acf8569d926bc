import { z } from 'zod';
import type { specV3 } from './stored/spawning-v4.js';

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
export type AgentSpec = z.infer<typeof specV3>;
export type ResolvedModel = AgentSpec['model'];
export type Task = AgentSpec['task'];
