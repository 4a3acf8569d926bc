import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const entry = z.strictObject({
  id: z.uuid(),
  timeMs: z.int().nonnegative(),
  act: z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/),
  outcome: z.enum(['allowed', 'refused', 'failed']),
  principal: z.string().min(1).max(128).optional(),
  tenant: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
  client: z.string().min(1).max(200).optional(),
  address: z.string().max(64).optional(),
  target: z
    .strictObject({
      kind: z.enum(['agent', 'user', 'client', 'login', 'server', 'tenant', 'store']),
      id: z.string().min(1).max(200),
    })
    .optional(),
  reason: z.string().max(300).optional(),
  traceparent: z.string().max(64).optional(),
  details: z
    .record(z.string().max(64), z.string().max(200))
    .refine((details) => Object.keys(details).length <= 12, 'too many')
    .optional(),
});

/** Frozen: a new shape is a new version beside this one. */
export const auditV1 = {
  ActRecorded: z.strictObject({
    /** Place in the chain, from 0. */
    seq: z.int().nonnegative(),
    /** Service that told it, by the right to speak in its name. */
    service: z.string().min(1).max(64),
    entry,
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
