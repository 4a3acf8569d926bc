import { z } from 'zod';

/** Version of backups that this program writes: signed ones. */
export const BACKUP_VERSION = 2;
/** Those that it reads; the first had no signature. */
export const readVersions = [1, BACKUP_VERSION] as const;
export type ReadVersion = (typeof readVersions)[number];

export const headerSchema = z.strictObject({
  kind: z.literal('skynet-backup'),
  version: z.literal(readVersions),
  madeAt: z.iso.datetime(),
});
export type BackupHeader = z.infer<typeof headerSchema>;

/** As it was appended; `expected` follows from the revision of the last event. */
const commitSchema = z.strictObject({
  kind: z.literal('commit'),
  stream: z.string(),
  id: z.string(),
  revision: z.int().nonnegative(),
  events: z.array(
    z.strictObject({
      id: z.string(),
      type: z.string(),
      version: z.int(),
      timeMs: z.int(),
      data: z.unknown(),
      metadata: z.looseObject({
        correlationId: z.string(),
        causationId: z.string(),
        tenant: z.string(),
        principal: z.string(),
        commit: z.object({ id: z.string(), index: z.int(), size: z.int() }),
      }),
    }),
  ),
});
export type CommitRecord = z.infer<typeof commitSchema>;

/** Stands before the first commit that names it. */
const payloadSchema = z.strictObject({
  kind: z.literal('payload'),
  tenant: z.string(),
  /** As UTF-8. */
  text: z.string().optional(),
  /** Of what is no text: one of the two is there. */
  base64: z.base64().optional(),
});
export type PayloadRecord = z.infer<typeof payloadSchema>;

/** Of a state bucket that can't be derived from the log. */
const entrySchema = z.strictObject({
  kind: z.literal('entry'),
  bucket: z.string(),
  key: z.string(),
  value: z.unknown(),
});
export type EntryRecord = z.infer<typeof entrySchema>;

/** Of the data folder. */
const fileSchema = z.strictObject({
  kind: z.literal('file'),
  /** From the data folder, with forward slashes. */
  path: z.string().regex(/^(?!.*\.\.)[A-Za-z0-9_-]+(\/[A-Za-z0-9._-]+)+$/),
  base64: z.base64(),
});
export type FileRecord = z.infer<typeof fileSchema>;

const recordSchema = z.discriminatedUnion('kind', [
  commitSchema,
  payloadSchema,
  entrySchema,
  fileSchema,
]);
export type BackupRecord = z.infer<typeof recordSchema>;

/** One line: a record with the SHA-256 of its JSON. */
export const lineSchema = z.strictObject({ sha256: z.string(), record: recordSchema });

const contentSchema = z.strictObject({
  streams: z.int(),
  commits: z.int(),
  events: z.int(),
  payloads: z.int(),
  entries: z.int(),
  files: z.int(),
  /** Digest of the log, as `log copy` prints it. */
  log: z.string(),
});
/** What is in a backup. */
export type BackupContent = z.infer<typeof contentSchema>;

const signatureSchema = z.strictObject({
  /** SHA-256 of the public key, in hexadecimal digits. */
  key: z.string(),
  /** Over content and hash, base64. */
  ed25519: z.base64(),
});
/** Who vouches for a backup. */
export type BackupSignature = z.infer<typeof signatureSchema>;

const unsignedFooter = z.strictObject({
  kind: z.literal('end'),
  content: contentSchema,
  /** Of everything before this line. */
  sha256: z.string(),
});

/** The last line, by version. */
export const footerSchemas = {
  1: unsignedFooter,
  2: unsignedFooter.extend({ signature: signatureSchema }),
} as const;
export type BackupFooter = z.infer<typeof unsignedFooter> & {
  readonly signature?: BackupSignature | undefined;
};
