import { agentIdSchema, archivedCommitSchema, tenantSchema } from '@skynet/contracts';
import { z } from 'zod';

/** Version of archives that this program writes; it reads no other. */
export const ARCHIVE_VERSION = 1;

export const archiveHeaderSchema = z.strictObject({
  kind: z.literal('skynet-tree'),
  version: z.literal(ARCHIVE_VERSION),
  rootId: agentIdSchema,
  tenant: tenantSchema,
  agents: z.int(),
  commits: z.int(),
  events: z.int(),
  payloads: z.int(),
  /** SHA-256 of the lines between header and footer. */
  content: z.string(),
});
export type ArchiveHeader = z.infer<typeof archiveHeaderSchema>;

const commitLine = z.strictObject({
  kind: z.literal('commit'),
  /** Of the canonical JSON of the commit. */
  sha256: z.string(),
  commit: archivedCommitSchema,
});

const payloadLine = z.strictObject({
  kind: z.literal('payload'),
  /** Of the content: its address. */
  sha256: z.string(),
  text: z.string().optional(),
  /** Of what is no text: one of the two is there. */
  base64: z.base64().optional(),
});

export const archiveLineSchema = z.discriminatedUnion('kind', [commitLine, payloadLine]);
export type ArchiveLine = z.infer<typeof archiveLineSchema>;

export const archiveFooterSchema = z.strictObject({
  kind: z.literal('end'),
  /** Of everything before this line. */
  sha256: z.string(),
});

/** What is wrong with an archive, in words for whoever brought it. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}
