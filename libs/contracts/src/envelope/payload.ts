import { z } from 'zod';

/** Texts of more UTF-8 bytes than this live in the payload store; the log holds their reference. */
export const INLINE_TEXT_MAX_BYTES = 8 * 1024;

/** Address of a text in the payload store of its tenant; `bytes` is its UTF-8 length. */
export const payloadRefSchema = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().nonnegative(),
});
export type PayloadRef = z.infer<typeof payloadRefSchema>;

/** A text, or where to find it when it is too large for the log. */
export const textSchema = z.union([z.string(), payloadRefSchema]);
export type Text = z.infer<typeof textSchema>;
