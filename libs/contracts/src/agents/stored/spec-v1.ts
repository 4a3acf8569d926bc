import { z } from 'zod';
import { text } from './parts-v1.js';

const amount = z.int().nonnegative().max(Number.MAX_SAFE_INTEGER);

const requestedLimits = z.strictObject({
  tokens: amount.optional(),
  costMicroUsd: amount.optional(),
  seconds: z.int().nonnegative().max(315_360_000).optional(),
  depth: amount.optional(),
  children: amount.optional(),
  descendants: amount.optional(),
});

const model = z.strictObject({
  id: z.string(),
  temperature: z.number().min(0).max(2).optional(),
  /** Most tokens of one answer. */
  maxTokens: z.int().positive(),
  price: z.strictObject({
    inputMicroUsdPerMillion: z.number().nonnegative(),
    outputMicroUsdPerMillion: z.number().nonnegative(),
  }),
});

/** `server__tool` or `server__*`. */
const toolGrant = z
  .string()
  .max(194)
  .regex(
    /^[\p{L}\p{M}\p{N}@](?:(?!__)[\p{L}\p{M}\p{N}@._/:+-]){0,63}(?<!_)__[^\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]{1,128}$/u,
  );

/** Frozen: a new shape is a new version beside this one. */
export const specV1 = z.strictObject({
  task: z.strictObject({
    description: text,
    context: text.optional(),
    expectedOutput: text.optional(),
  }),
  /** System prompt, from the template. */
  instructions: text.optional(),
  template: z.string().optional(),
  model,
  tools: z.array(toolGrant),
  limits: requestedLimits,
  priority: z.int().min(0).max(9),
  onParentClose: z.enum(['terminate', 'continue']),
  metadata: z.record(z.string(), z.string()),
  /** sha256 of the canonical arguments: tells a repeat of the same call from another one. */
  argsHash: z.string(),
  /** sha256 of what was looked up. */
  pins: z.strictObject({ template: z.string().optional(), registry: z.string() }),
});
