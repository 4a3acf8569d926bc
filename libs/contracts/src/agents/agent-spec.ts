import { z } from 'zod';
import { textSchema } from '../envelope/payload.js';
import { requestedLimitsSchema } from './limits.js';
import { toolGrantSchema } from './tool-grant.js';

export const onParentCloseSchema = z.enum(['terminate', 'continue']);
export type OnParentClose = z.infer<typeof onParentCloseSchema>;

export const prioritySchema = z.int().min(0).max(9);

/** Millionths of a US dollar for a million tokens. */
export const priceSchema = z.strictObject({
  inputMicroUsdPerMillion: z.number().nonnegative(),
  outputMicroUsdPerMillion: z.number().nonnegative(),
});
export type Price = z.infer<typeof priceSchema>;

export const resolvedModelSchema = z.strictObject({
  id: z.string(),
  temperature: z.number().min(0).max(2).optional(),
  /** Most tokens of one answer. */
  maxTokens: z.int().positive(),
  price: priceSchema,
});
export type ResolvedModel = z.infer<typeof resolvedModelSchema>;

export const taskSchema = z.strictObject({
  description: textSchema,
  context: textSchema.optional(),
  expectedOutput: textSchema.optional(),
});
export type Task = z.infer<typeof taskSchema>;

/** All that was resolved when the agent was asked for; pinned for its life. */
export const agentSpecSchema = z.strictObject({
  task: taskSchema,
  /** System prompt, from the template. */
  instructions: textSchema.optional(),
  template: z.string().optional(),
  model: resolvedModelSchema,
  tools: z.array(toolGrantSchema),
  limits: requestedLimitsSchema,
  priority: prioritySchema,
  onParentClose: onParentCloseSchema,
  metadata: z.record(z.string(), z.string()),
  /** sha256 of the canonical arguments: tells a repeat of the same call from another one. */
  argsHash: z.string(),
  /** sha256 of what was looked up. */
  pins: z.strictObject({
    template: z.string().optional(),
    registry: z.string(),
  }),
});
export type AgentSpec = z.infer<typeof agentSpecSchema>;
