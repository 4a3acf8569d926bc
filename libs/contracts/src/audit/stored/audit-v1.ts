import { z } from 'zod';
import { auditEntrySchema } from '../audit-entry.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Frozen: a new shape is a new version beside this one. */
export const auditV1 = {
  ActRecorded: z.strictObject({
    /** Place in the chain, from 0. */
    seq: z.int().nonnegative(),
    /** Service that told it, by the right to speak in its name. */
    service: z.string().min(1).max(64),
    entry: auditEntrySchema,
    /** Place of the entry in the stream that it came by. */
    source: z.strictObject({ stream: z.string(), sequence: z.int().positive() }),
    /** `hash` of the record before; 64 zeros for the first. */
    prev: sha256,
    /** SHA-256 of the canonical JSON of all the other fields. */
    hash: sha256,
  }),
  CheckpointSigned: z.strictObject({
    /** Of the newest record that it covers. */
    seq: z.int().nonnegative(),
    /** Compact JWS (RFC 7515) over `{ seq, hash, time }`. */
    jws: z.string().max(2_048),
  }),
} as const;
