import { z } from 'zod';
import { agentIdSchema } from '../envelope/ids.js';

/** Nothing is changed by asking. */
export const retentionRequestSchema = z.object({
  /** What would be due if trees were kept for so many days. Default: as they are kept. */
  days: z.number().nonnegative().max(36_500).optional(),
});
export type RetentionRequest = z.infer<typeof retentionRequestSchema>;

/** What is kept of trees, and what goes next. */
export const retentionAnswerSchema = z.object({
  /** Milliseconds that a tree is kept after its end; 0: for ever. */
  keptForMs: z.int().nonnegative(),
  /** Where trees are archived before they are forgotten. */
  archiveFolder: z.string().optional(),
  /** Why nothing is forgotten although it should be. */
  refusal: z.string().optional(),
  agents: z.int().nonnegative(),
  trees: z.int().nonnegative(),
  /** Trees in which every agent has ended. */
  ended: z.int().nonnegative(),
  /** Epoch milliseconds at which the one of them that ended first did. */
  oldestEndMs: z.int().optional(),
  /** Trees that go next, 20 of them at most by name. */
  due: z.object({ count: z.int().nonnegative(), rootIds: z.array(agentIdSchema).max(20) }),
  /** Trees whose roots ended long ago and that stay, 20 at most, with the reason. */
  kept: z.object({
    count: z.int().nonnegative(),
    named: z.array(z.object({ rootId: agentIdSchema, reason: z.string() })).max(20),
  }),
  /** Trees that this replica has forgotten since it was started. */
  forgotten: z.int().nonnegative(),
  /** Trees that it could not forget when it last tried. */
  failing: z.int().nonnegative(),
});
export type RetentionAnswer = z.infer<typeof retentionAnswerSchema>;
