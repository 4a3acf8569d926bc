import { z } from 'zod';

/** UTF-16 units of the JSON of all parameters of a strategy. */
const MAX_PARAMETERS_CHARS = 256 * 1_024;

/** How an agent splits its task among others. */
export const strategySchema = z.strictObject({
  name: z.string().min(1).max(64),
  parameters: z
    .record(z.string().max(64), z.unknown())
    .refine((given) => JSON.stringify(given).length <= MAX_PARAMETERS_CHARS, 'are over 256 KiB')
    .optional(),
});
export type RequestedStrategy = z.infer<typeof strategySchema>;

/** What there is to choose from. */
export const listedStrategySchema = z.object({
  name: z.string(),
  /** One line. */
  about: z.string(),
  parameters: z.array(
    z.object({
      name: z.string(),
      about: z.string(),
      /** Absent: nothing, or what `about` says. */
      default: z.unknown().optional(),
    }),
  ),
});
export type ListedStrategy = z.infer<typeof listedStrategySchema>;
