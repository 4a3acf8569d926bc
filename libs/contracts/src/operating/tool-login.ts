import { z } from 'zod';

const text = z.string().max(8_192);

const shared = {
  server: z.string(),
  /** Who asks, as the one who asks says it. */
  by: z.string().min(1).max(64).optional().catch(undefined),
};

/**
 * Steps of a login of a person to a tool server. `begin` is safe to retry: the last one counts. `end` is not: what a
 * browser came back with is good once. `forget` is.
 */
export const toolLoginRequestSchema = z.discriminatedUnion('step', [
  z.object({
    step: z.literal('begin'),
    ...shared,
    /** Where the browser comes back to, on the machine of the one who asks. */
    redirectUrl: z.url(),
  }),
  z.object({
    step: z.literal('end'),
    ...shared,
    /** Parameters of the URL that the browser came back with. */
    brought: z.object({
      state: text.optional(),
      code: text.optional(),
      iss: text.optional(),
      error: text.optional(),
      error_description: text.optional(),
    }),
  }),
  z.object({ step: z.literal('forget'), ...shared }),
]);
export type ToolLoginRequest = z.infer<typeof toolLoginRequestSchema>;

export const toolLoginAnswerSchema = z.object({
  worker: z.string(),
  /** Why the step was not done, as a sentence without its end; then there is nothing else. */
  refused: z.string().optional(),
  /** Of `begin`: what the person must open. */
  page: z.string().optional(),
  /** Of `begin` and `end`: who gives the token. */
  issuer: z.string().optional(),
  /** Of `end`, where the issuer said: what the token is good for. */
  scope: z.string().optional(),
  /** Of `forget`: whether there was a login. */
  wasLoggedIn: z.boolean().optional(),
});
export type ToolLoginAnswer = z.infer<typeof toolLoginAnswerSchema>;
