import { z } from 'zod';
import { principalSchema, tenantSchema } from './ids.js';

/** The append that an event was part of. */
export const commitSchema = z.strictObject({
  id: z.string(),
  index: z.int().nonnegative(),
  size: z.int().positive(),
});

export const eventMetadataSchema = z.strictObject({
  /** Root agent of the tree. */
  correlationId: z.string(),
  /** Id of the command that caused the event. */
  causationId: z.string(),
  tenant: tenantSchema,
  principal: principalSchema,
  /** W3C trace context. */
  traceparent: z.string().optional(),
  /** Count of the agent's runs when the event happened. */
  epoch: z.int().nonnegative(),
  commit: commitSchema,
});
export type EventMetadata = z.infer<typeof eventMetadataSchema>;
