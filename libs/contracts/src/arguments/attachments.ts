import { z } from 'zod';

/** Bytes of one attachment. */
export const ATTACHMENT_MAX_BYTES = 16 * 1_024 * 1_024;
/** Attachments of one task. */
export const ATTACHMENTS_MAX = 16;
/** Characters of all that comes within the arguments of one spawn; more is uploaded first. */
export const INLINE_ATTACHMENTS_MAX_CHARS = 512 * 1_024;

const MEDIA_TYPE_MAX_CHARS = 127;

/** Lower-case hex SHA-256 of its bytes. */
export const attachmentIdSchema = z.string().regex(/^[0-9a-f]{64}$/);

/** One of `id`, `data` and `uri`. What its type and name are taken for is said where they are read. */
export const attachmentInputSchema = z.strictObject({
  id: z.string().max(100).optional(),
  data: z.string().max(INLINE_ATTACHMENTS_MAX_CHARS).optional(),
  uri: z.string().max(INLINE_ATTACHMENTS_MAX_CHARS).optional(),
  mediaType: z.string().max(MEDIA_TYPE_MAX_CHARS).optional(),
  name: z.string().max(1_000).optional(),
});
export type AttachmentInput = z.infer<typeof attachmentInputSchema>;

/** An attachment as people and programs are told of it. */
export const attachmentShape = z.strictObject({
  /** As `attachmentIdSchema`. */
  id: z.string(),
  mediaType: z.string(),
  bytes: z.int(),
  name: z.string().optional(),
});
export type AttachmentShape = z.infer<typeof attachmentShape>;
