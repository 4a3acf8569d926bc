import { z } from 'zod';
import { tenantSchema } from '../envelope/ids.js';

/** Characters of the key of a note, and UTF-16 units of its text. */
export const NOTE_KEY_MAX = 128;
export const NOTE_VALUE_MAX = 16_384;

/** Shows notes of a tenant, or changes one. Without `template` those of all templates. Safe to retry but for a `set`. */
export const notesRequestSchema = z.object({
  tenant: tenantSchema,
  template: z.string().min(1).max(64).optional(),
  /** Default: all. */
  key: z.string().min(1).max(NOTE_KEY_MAX).optional(),
  /** `remove` without a key takes all notes of the template off, and without a template those of the tenant. Default: shows. */
  change: z
    .object({
      kind: z.enum(['set', 'remove']),
      value: z.string().max(NOTE_VALUE_MAX).optional(),
      /** Only where the note has that version; 0: where it is not there. Default: whatever it has. */
      expectedVersion: z.int().nonnegative().optional(),
    })
    .optional(),
  /** Who asks, as the one who asks says it. */
  by: z.string().min(1).max(64).optional().catch(undefined),
});
export type NotesRequest = z.infer<typeof notesRequestSchema>;

export const notesAnswerSchema = z.object({
  worker: z.string(),
  /** Why nothing was changed, as a sentence. */
  refused: z.string().optional(),
  books: z.array(
    z.object({
      template: z.string(),
      /** Number of writes. */
      version: z.int().nonnegative(),
      /** Notes that one answer has no room for. Default: 0. */
      leftOut: z.int().nonnegative().optional(),
      notes: z.array(
        z.object({
          key: z.string(),
          version: z.int().positive(),
          bytes: z.int().nonnegative(),
          /** Of notes that were asked for by their key. */
          value: z.string().optional(),
          by: z.string(),
          atMs: z.number(),
        }),
      ),
    }),
  ),
});
export type NotesAnswer = z.infer<typeof notesAnswerSchema>;
